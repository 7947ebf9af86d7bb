import type { Fault } from "../deployment.ts";

/**
 * A database that is slow to save: each row that is inserted into the table takes longer, by so
 * many milliseconds. It has bitten where a row was saved while it was held.
 */
export function slowSaves(table: string, ms: number): Fault {
  return {
    name: `saves slowed by ${ms} ms`,
    replica: null,
    async inject({ database }) {
      const held = await database.slowSaves({ table, ms });
      let rows = 0;
      return {
        bite: () => ({ bit: rows > 0, what: `${rows} rows of ${table} were saved slowly` }),
        async [Symbol.asyncDispose]() {
          await held[Symbol.asyncDispose]();
          rows = await held.slowed();
        },
      };
    },
  };
}
