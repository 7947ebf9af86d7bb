import type { Deployment, Fault } from "../deployment.ts";

/**
 * A database that is slow to save: each row that is inserted takes longer, by so many milliseconds.
 * With LangGraph's tables only each checkpoint does, once per superstep; else every table of the
 * target. It has bitten where a row was saved while it was held.
 */
export function slowSaves(ms: number): Fault {
  return {
    name: `saves slowed by ${ms} ms`,
    replica: null,
    async inject(deployment) {
      const { database } = deployment;
      const tables = await savedTables(deployment);
      const held = await Promise.all(tables.map((table) => database.slowSaves({ table, ms })));
      let rows = 0;
      return {
        bite: () => ({ bit: rows > 0, what: `${rows} rows were saved slowly` }),
        async [Symbol.asyncDispose]() {
          for (const one of held) {
            await one[Symbol.asyncDispose]();
            rows += await one.slowed();
          }
        },
      };
    },
  };
}

async function savedTables({ database }: Deployment): Promise<string[]> {
  const rows = await database.query(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'",
  );
  const names = rows.map((row) => String(row["name"]));
  return names.includes("checkpoints") ? ["checkpoints"] : names;
}
