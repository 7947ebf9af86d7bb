import { defineFault, type Injection } from "../deployment/fault.ts";
import type { Impairment } from "../wires/database/impairment.ts";

/**
 * The database is far away: each chunk of bytes takes `ms` longer, in both directions.
 * @effect connections were open
 * @heal bytes pass without delay
 */
export const delayDatabase = defineFault("delayDatabase", (ms: number) => {
  return impaired(`the database is ${ms} ms away`, { kind: "latency", ms });
});

/**
 * Limits the bandwidth of each database connection.
 * @effect connections were open
 * @heal bytes pass at full speed
 */
export const throttleDatabase = defineFault("throttleDatabase", (bytesPerSecond: number) => {
  const name = `the database is at ${bytesPerSecond} bytes/s`;
  return impaired(name, { kind: "bandwidth", bytesPerSecond });
});

/**
 * No byte passes between services and the database, and connections stay open.
 * @effect connections were open
 * @heal held bytes pass, none is lost
 */
export const stallDatabase = defineFault("stallDatabase", () =>
  impaired("the database is silent", { kind: "stall" }, "saves"),
);

/**
 * Open and new connections to the database are reset.
 * @effect connections were open
 * @heal services can connect again
 */
export const resetDatabase = defineFault("resetDatabase", () =>
  impaired("database connections are reset", { kind: "reset" }, "saves"),
);

/**
 * No connection to the database: open ones are closed, new ones fail.
 * @effect connections were open
 * @heal services can connect again
 */
export const cutDatabase = defineFault("cutDatabase", () =>
  impaired("the database is cut off", { kind: "cut" }, "saves"),
);

/** Impairs the wires of all replicas. It takes effect if connections are open. */
function impaired(name: string, impairment: Impairment, stops?: "saves"): Injection {
  return {
    name,
    replica: null,
    // A slow database is no error: a service that answers meanwhile has waited for it.
    ...(impairment.kind === "latency" || impairment.kind === "bandwidth"
      ? {}
      : { hits: "database" as const }),
    ...(stops && { stops }),
    async inject(deployment) {
      const open = await deployment.connections();
      const held = await deployment.wires.database.impair(impairment);
      const what = open === null ? "the fault's hook succeeded" : `${open} connections were open`;
      return {
        bite: () => ({ bit: open !== 0, what }),
        [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
      };
    },
  };
}
