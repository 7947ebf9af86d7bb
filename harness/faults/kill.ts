import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/**
 * Sends SIGKILL: the replica's process ends at once, without any clean-up.
 * @effect the process was running and has died
 * @heal starts the replica again
 */
export const kill = defineFault("kill", (replica: Replica) => {
  return {
    name: `kill ${replica.name}`,
    replica: replica.name,
    async inject() {
      const { pid, running } = replica;
      await replica.signal("SIGKILL");
      const died = running && !replica.running;
      const who = pid === null ? `replica ${replica.name}` : `pid ${pid}`;
      return {
        bite: () => ({
          bit: died,
          what: died ? `${who} died` : `replica ${replica.name} was not running`,
        }),
        [Symbol.asyncDispose]: async () => {
          if (!replica.running) await replica.start();
        },
      };
    },
  };
});
