import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/** A `Date` header has a resolution of one second, and a response takes a moment. */
const fuzzMs = 2_000;

/**
 * Kills the replica and starts it with its clock set ahead by `ms`. It does not have to become
 * ready: refusing to start with a wrong clock is correct.
 * @effect the `Date` header of the replica's answers is ahead by that much
 * @heal kills the replica and starts it with the machine's clock
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
              ? `no response of ${name} has a Date header, so its clock is unknown`
              : `responses of ${name} are dated ${Math.round(aheadMs / 1_000)} s ahead`,
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
