import { defineFault } from "../deployment/fault.ts";

/** SIGKILL for the whole database server. Healed by starting it again, on the same data. */
export const crashDatabase = defineFault("crashDatabase", () => {
  return {
    name: "the database has crashed",
    replica: null,
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
