import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/**
 * Cuts a running replica off the network.
 * @effect the replica was running
 * @heal connects the replica again
 */
export const isolate = defineFault("isolate", (replica: Replica) => {
  return {
    name: `isolate ${replica.name}`,
    replica: replica.name,
    stops: "network",
    async inject() {
      const { pid } = replica;
      const cut = await replica.isolate();
      return {
        bite: () => ({
          bit: pid !== null,
          what: pid === null ? `replica ${replica.name} was not running` : `pid ${pid} was cut off`,
        }),
        [Symbol.asyncDispose]: () => cut[Symbol.asyncDispose](),
      };
    },
  };
});
