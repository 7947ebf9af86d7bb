import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/** Answers are dated to a second, and take a moment. */
const fuzzMs = 2_000;

/**
 * A replica whose clock is ahead by so much: killed, and started with it. It need not get ready:
 * one that sees that something is wrong does well to refuse. It has bitten where its answers are
 * dated so. Healed by another start, with the clock of the machine.
 */
export const clockAhead = defineFault("clockAhead", (replica: Replica, ms: number) => {
  const { name } = replica;
  return {
    name: `clock of ${name} ${ms / 1_000} s ahead`,
    replica: name,
    async inject(deployment) {
      replica.setClock(ms);
      await deployment.restart(replica);
      const aheadMs = await replica.clockAheadMs();
      return {
        bite: () => ({
          bit: aheadMs !== null && Math.abs(aheadMs - ms) < fuzzMs,
          what:
            aheadMs === null
              ? `no answer of ${name} has a Date header, so nobody knows its clock`
              : `what ${name} answers is dated ${Math.round(aheadMs / 1_000)} s ahead`,
        }),
        [Symbol.asyncDispose]: async () => {
          replica.setClock(0);
          await replica.signal("SIGKILL");
          await replica.start();
        },
      };
    },
  };
});
