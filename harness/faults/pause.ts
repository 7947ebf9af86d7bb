import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/**
 * Sends SIGSTOP: the replica freezes with everything it has in memory and in flight. It keeps
 * its connections, so other processes cannot tell it from a slow one.
 * @effect the process was running and was stopped
 * @heal sends SIGCONT: the replica continues where it was, unaware of the gap
 */
export const pause = defineFault("pause", (replica: Replica) => {
  return {
    name: `pause ${replica.name}`,
    replica: replica.name,
    async inject() {
      const { pid, running } = replica;
      await replica.signal("SIGSTOP");
      const who = pid === null ? `replica ${replica.name}` : `pid ${pid}`;
      return {
        bite: () => ({
          bit: running,
          what: running ? `${who} stood still` : `replica ${replica.name} was not running`,
        }),
        [Symbol.asyncDispose]: async () => {
          await replica.signal("SIGCONT");
          await replica.recovered();
        },
      };
    },
  };
});
