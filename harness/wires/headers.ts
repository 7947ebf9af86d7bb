/**
 * The headers between a conversation and an ingress. They are taken off before the service sees
 * the request; HAProxy obeys and stamps the same ones.
 */
export const headers = {
  /** Request: the replica that must serve this. */
  on: "x-threadproof-on",
  /** Response: who served it. */
  served: "x-threadproof-served",
  /** Response of the ingress itself: nothing reached a replica. */
  unsent: "x-threadproof-unsent",
} as const;
