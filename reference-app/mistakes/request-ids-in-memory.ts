import { randomUUID } from "node:crypto";
import type { Parts } from "../parts.ts";

/**
 * Which requests have been seen is kept in a Map of the process. Found where idempotency was added
 * as a middleware, and tried with one replica. A repetition that the balancer sends to another
 * replica, or that comes after a deploy, is a new message there.
 */
export default function requestIdsInMemory(parts: Parts): Parts {
  const messageOf = new Map<string, string>();
  return {
    ...parts,
    admission: (conversation, { text, requestId = randomUUID() }) => {
      const known = messageOf.get(requestId) ?? randomUUID();
      messageOf.set(requestId, known);
      return parts.admission(conversation, { text, requestId: known });
    },
  };
}
