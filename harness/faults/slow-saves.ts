import type { Fault } from "../deployment.ts";

/**
 * A database that is slow to save: a trigger keeps each insert into the table for a while, in
 * milliseconds. It has bitten where the table grew while it was held.
 */
export function slowSaves(table: string, ms: number): Fault {
  return {
    name: `slow saves of ${ms} ms`,
    replica: null,
    async inject(deployment) {
      const { database } = deployment;
      const count = async (): Promise<number> => {
        const [row] = await database.query(`SELECT count(*)::int AS n FROM ${table}`);
        return Number(row?.["n"] ?? 0);
      };
      const before = await count();
      const trigger = await database.slowSaves({ table, ms });
      let grown = 0;
      return {
        bite: () => ({ bit: grown > 0, what: `${grown} rows of ${table} were saved slowly` }),
        [Symbol.asyncDispose]: async () => {
          grown = (await count()) - before;
          await trigger[Symbol.asyncDispose]();
        },
      };
    },
  };
}
