import { randomUUID } from "node:crypto";
import type { Mistake } from "./mistake.ts";

/**
 * A Map of the process contains the known request ids. Services have it where idempotency was added
 * as a middleware and tried with one replica. If the load balancer sends a retry to another
 * replica, or if it comes after a deploy, it counts as a new message.
 */
const mistake: Mistake = {
  parts: ({ admission }) => {
    const messageOf = new Map<string, string>();
    return {
      admission: (conversation, { text, requestId = randomUUID() }) => {
        const known = messageOf.get(requestId) ?? randomUUID();
        messageOf.set(requestId, known);
        return admission(conversation, { text, requestId: known });
      },
    };
  },
};

export default mistake;
