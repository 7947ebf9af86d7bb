import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/**
 * SIGSTOP: the replica stands still, with all that it has in flight and in memory. It keeps its
 * connections, so nobody can tell it from a slow one. Healed by SIGCONT: it goes on where it was,
 * and does not know that it was away.
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
