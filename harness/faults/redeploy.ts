import type { Environment, Fault, Replica } from "../deployment.ts";

/**
 * SIGTERM, and a successor, as a rolling deploy does it: resolves once the old process has ended.
 * Healed by starting the successor, with another environment where one is given.
 */
export function redeploy(replica: Replica, environment: Environment = {}): Fault {
  return {
    name: `redeploy ${replica.name}`,
    replica: replica.name,
    async inject() {
      const { pid } = replica;
      await replica.signal("SIGTERM");
      const ended = pid !== null && !replica.running;
      return {
        bite: () => ({
          bit: ended,
          what: ended ? `pid ${pid} ended` : `replica ${replica.name} was not running`,
        }),
        [Symbol.asyncDispose]: async () => {
          if (!replica.running) await replica.start(environment);
        },
      };
    },
  };
}
