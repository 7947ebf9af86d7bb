import { defineFault, type Injection } from "../deployment/fault.ts";
import type { Impairment } from "../wires/database/impairment.ts";

/** A database that is far away: every chunk of bytes takes so much longer, in both directions. */
export const delayDatabase = defineFault("delayDatabase", (ms: number) => {
  return impaired(`the database is ${ms} ms away`, { kind: "latency", ms });
});

/** A narrow line to the database, for each connection by itself. */
export const throttleDatabase = defineFault("throttleDatabase", (bytesPerSecond: number) => {
  const name = `the database is at ${bytesPerSecond} bytes/s`;
  return impaired(name, { kind: "bandwidth", bytesPerSecond });
});

/** A silent wire: nothing passes, and nobody is told. */
export const stallDatabase = defineFault("stallDatabase", () =>
  impaired("the database is silent", { kind: "stall" }, "saves"),
);

/** Connections are reset, those that are open and new ones. */
export const resetDatabase = defineFault("resetDatabase", () =>
  impaired("database connections are reset", { kind: "reset" }, "saves"),
);

/** No connection to the database: open ones are closed, new ones are not to be had. */
export const cutDatabase = defineFault("cutDatabase", () =>
  impaired("the database is cut off", { kind: "cut" }, "saves"),
);

/** On the wires of all replicas. It bites where there are connections. */
function impaired(name: string, impairment: Impairment, stops?: "saves"): Injection {
  return {
    name,
    replica: null,
    ...(stops && { stops }),
    async inject(deployment) {
      const open = await deployment.connections();
      const held = await deployment.impair(impairment);
      const what =
        open === null ? "the hook that does it has ended well" : `${open} connections were open`;
      return {
        bite: () => ({ bit: open !== 0, what }),
        [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
      };
    },
  };
}
