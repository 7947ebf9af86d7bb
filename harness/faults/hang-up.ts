import type { Conversation } from "../client/conversation.ts";
import { defineFault } from "../deployment/fault.ts";

/**
 * A client drops its connection while it waits for a reply.
 * @effect at least one request was dropped
 * @heal nothing to heal
 */
export const hangUp = defineFault("hangUp", (user: Conversation) => {
  return {
    name: `client ${user.name} hangs up`,
    replica: null,
    hits: "client",
    async inject() {
      const requests = user.hangUp();
      return {
        bite: () => ({ bit: requests > 0, what: `${requests} requests were dropped` }),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
});
