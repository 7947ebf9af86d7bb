import { defineFault } from "../deployment/fault.ts";
import type { Environment, Replica } from "../deployment/replica.ts";

/**
 * Sends SIGTERM, as a rolling deploy does, and resolves once the process has ended.
 * @effect the process was running and has ended
 * @heal starts the successor, with `environment` where one is given
 */
export const redeploy = defineFault(
  "redeploy",
  (replica: Replica, environment: Environment = {}) => {
    return {
      name: `redeploy ${replica.name}`,
      replica: replica.name,
      async inject() {
        const { pid, running } = replica;
        await replica.signal("SIGTERM");
        const ended = running && !replica.running;
        const who = pid === null ? `replica ${replica.name}` : `pid ${pid}`;
        return {
          bite: () => ({
            bit: ended,
            what: ended ? `${who} ended` : `replica ${replica.name} was not running`,
          }),
          [Symbol.asyncDispose]: async () => {
            if (!replica.running) await replica.start(environment);
          },
        };
      },
    };
  },
);
