import { defineFault } from "../deployment/fault.ts";
import type { Turn } from "../history/turn.ts";

/**
 * The network loses the reply to a turn, after the service has given it: its client sees a reset.
 * Only the first one: to a repetition it answers again. It bites where there was one.
 */
export const loseReply = defineFault("loseReply", (turn: Turn) => {
  const { token, thread } = turn;
  return {
    name: `the reply to ${thread} is lost`,
    replica: null,
    async inject(deployment) {
      const loss = await deployment.loseReply(token);
      return {
        bite: () => ({ bit: loss.lost() !== null, what: loss.lost() ?? "no reply was given" }),
        [Symbol.asyncDispose]: async () => loss[Symbol.dispose](),
      };
    },
  };
});
