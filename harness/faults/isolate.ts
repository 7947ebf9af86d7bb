import type { Fault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";

/** Cuts a replica off the network, alive. It has bitten where there was one. */
export function isolate(replica: Replica): Fault {
  return {
    name: `isolate ${replica.name}`,
    replica: replica.name,
    made: { by: "isolate", from: [replica] },
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
}
