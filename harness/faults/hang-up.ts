import type { Conversation } from "../client/conversation.ts";
import { defineFault } from "../deployment/fault.ts";

/** A client that loses its network while it waits for an answer. There is nothing to heal. */
export const hangUp = defineFault("hangUp", (user: Conversation) => {
  return {
    name: `client ${user.name} hangs up`,
    replica: null,
    async inject() {
      const requests = user.hangUp();
      return {
        bite: () => ({ bit: requests > 0, what: `${requests} requests were dropped` }),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
});
