import { defineFault } from "../deployment/fault.ts";

/**
 * The database accepts no new connections, as when it is full. Open connections keep working.
 * @effect at least one new connection was refused
 * @heal new connections are accepted
 */
export const refuseConnections = defineFault("refuseConnections", () => {
  return {
    name: "the database takes no new connections",
    replica: null,
    hits: "database",
    async inject(deployment) {
      const before = deployment.wires.database.refused;
      const held = await deployment.wires.database.impair({ kind: "refuse" });
      let refused = 0;
      return {
        bite: () => ({ bit: refused > 0, what: `${refused} connections were refused` }),
        async [Symbol.asyncDispose]() {
          await held[Symbol.asyncDispose]();
          refused = deployment.wires.database.refused - before;
        },
      };
    },
  };
});
