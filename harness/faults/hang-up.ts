import type { Conversation } from "../client/conversation.ts";
import type { Fault } from "../deployment/fault.ts";

/** A client that loses its network while it waits for an answer. There is nothing to heal. */
export function hangUp(user: Conversation): Fault {
  return {
    name: `client ${user.name} hangs up`,
    replica: null,
    made: { by: "hangUp", from: [user] },
    async inject() {
      const requests = user.hangUp();
      return {
        bite: () => ({ bit: requests > 0, what: `${requests} requests were dropped` }),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}
