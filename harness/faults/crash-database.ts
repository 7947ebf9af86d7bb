import { defineFault } from "../deployment/fault.ts";

/**
 * Sends SIGKILL to the whole database server.
 * @effect connections were open when it died
 * @heal starts the server again on the same data
 */
export const crashDatabase = defineFault("crashDatabase", () => {
  return {
    name: "the database has crashed",
    replica: null,
    hits: "database",
    stops: "saves",
    async inject({ database, server }) {
      const open = await database.connections();
      await server.crash();
      return {
        bite: () => ({ bit: open > 0, what: `${open} connections died with the server` }),
        [Symbol.asyncDispose]: () => server.start(),
      };
    },
  };
});
