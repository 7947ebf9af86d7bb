import type { Fault, Replica } from "../deployment.ts";

/** SIGKILL: the replica ends without a word. Healed by starting it again. */
export function kill(replica: Replica): Fault {
  return {
    name: `kill ${replica.name}`,
    replica: replica.name,
    async inject() {
      const { pid } = replica;
      await replica.signal("SIGKILL");
      const died = pid !== null && !replica.running;
      return {
        bite: () => ({
          bit: died,
          what: died ? `pid ${pid} died` : `replica ${replica.name} was not running`,
        }),
        [Symbol.asyncDispose]: async () => {
          if (!replica.running) await replica.start();
        },
      };
    },
  };
}
