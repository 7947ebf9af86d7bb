import type { Fault } from "../deployment/fault.ts";
import type { Made } from "../deployment/made.ts";
import type { Impairment } from "../wires/database/impairment.ts";

/** A database that is far away: every chunk of bytes takes so much longer, in both directions. */
export function delayDatabase(ms: number): Fault {
  const made = { by: "delayDatabase", from: [ms] };
  return impaired(made, `the database is ${ms} ms away`, { kind: "latency", ms });
}

/** A narrow line to the database, for each connection by itself. */
export function throttleDatabase(bytesPerSecond: number): Fault {
  const name = `the database is at ${bytesPerSecond} bytes/s`;
  const made = { by: "throttleDatabase", from: [bytesPerSecond] };
  return impaired(made, name, { kind: "bandwidth", bytesPerSecond });
}

/** A silent wire: nothing passes, and nobody is told. */
export function stallDatabase(): Fault {
  const made = { by: "stallDatabase", from: [] };
  return impaired(made, "the database is silent", { kind: "stall" }, "saves");
}

/** Connections are reset, those that are open and new ones. */
export function resetDatabase(): Fault {
  const made = { by: "resetDatabase", from: [] };
  return impaired(made, "database connections are reset", { kind: "reset" }, "saves");
}

/** No connection to the database: open ones are closed, new ones are not to be had. */
export function cutDatabase(): Fault {
  const made = { by: "cutDatabase", from: [] };
  return impaired(made, "the database is cut off", { kind: "cut" }, "saves");
}

/** On the wires of all replicas. It bites where there are connections. */
function impaired(made: Made, name: string, impairment: Impairment, stops?: "saves"): Fault {
  return {
    name,
    replica: null,
    made,
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
