import { defineFault } from "../deployment/fault.ts";
import type { Turn } from "../history/turn.ts";

/**
 * The network loses the first reply to a turn: the service has sent it, its client sees a reset.
 * A repetition of the turn is answered.
 * @effect a reply was dropped
 * @heal replies pass again
 */
export const loseReply = defineFault("loseReply", (turn: Turn) => {
  const { token, thread } = turn;
  return {
    name: `the reply to ${thread} is lost`,
    replica: null,
    async inject(deployment) {
      const loss = await deployment.wires.ingress.loseReply(token);
      return {
        bite: () => ({ bit: loss.lost() !== null, what: loss.lost() ?? "no reply was sent" }),
        [Symbol.asyncDispose]: async () => loss[Symbol.dispose](),
      };
    },
  };
});
