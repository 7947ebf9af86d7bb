/**
 * The headers between the client and an ingress. The ingress removes them before the service sees
 * the request. HAProxy obeys and sets the same ones.
 */
export const headers = {
  /** Request: the replica that must serve it. */
  on: "x-threadproof-on",
  /** Response: the replica that served it. */
  served: "x-threadproof-served",
  /** Response of the ingress itself: the request reached no replica. */
  unsent: "x-threadproof-unsent",
} as const;
