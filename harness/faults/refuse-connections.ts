import { defineFault } from "../deployment/fault.ts";

/**
 * A database that takes no more connections, as one that is full: open ones go on, new ones are
 * closed at once. It bites where one was wanted while it was held.
 */
export const refuseConnections = defineFault("refuseConnections", () => {
  return {
    name: "the database takes no new connections",
    replica: null,
    async inject(deployment) {
      const before = deployment.refusedConnections;
      const held = await deployment.impair({ kind: "refuse" });
      let refused = 0;
      return {
        bite: () => ({ bit: refused > 0, what: `${refused} connections were refused` }),
        async [Symbol.asyncDispose]() {
          await held[Symbol.asyncDispose]();
          refused = deployment.refusedConnections - before;
        },
      };
    },
  };
});
