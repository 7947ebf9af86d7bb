import { setTimeout as delay } from "node:timers/promises";
import { Connection } from "./connection.ts";

const pollMs = 5;

/**
 * Held: nobody may make a table in this database. Whoever tries waits, and so does whoever waits
 * for a lock of one that tries. On dispose all of them go on at the same moment.
 */
export interface StartingLine extends AsyncDisposable {
  /**
   * Resolves once so many connections wait for a lock, or ask for one again and again, or the line
   * was given up.
   */
  reached(waiting: number): Promise<void>;
}

/**
 * Who asked for an advisory lock and did not get it waits as well: migrations often ask again and
 * again, because CREATE INDEX CONCURRENTLY waits for every statement, one that waits included.
 */
const waitingQuery = `
  SELECT count(*)::int AS n FROM pg_stat_activity AS them
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND (
     EXISTS (SELECT FROM pg_locks WHERE pid = them.pid AND NOT granted)
     OR query ~* '\\mpg_try_advisory_(xact_)?lock' AND NOT EXISTS (
       SELECT FROM pg_locks WHERE pid = them.pid AND locktype = 'advisory' AND granted))`;

/**
 * A lock on the catalogue of tables, which leaves reading alone: `CREATE TABLE IF NOT EXISTS` has
 * then looked, has seen nothing, and is about to write. Needs a superuser. Two services that call
 * setup() without a lock of their own collide every time, with 23505 on
 * pg_type_typname_nsp_index; without the line it was 2 to 5 of 10 times on two busy cores.
 */
export async function openStartingLine(url: string, application: string): Promise<StartingLine> {
  const connection = new Connection(url, application);
  await connection.query("BEGIN");
  await connection.query("LOCK TABLE pg_catalog.pg_class IN SHARE MODE");
  let given = false;
  return {
    async reached(waiting) {
      while (!given) {
        // Within a transaction activity is looked at once and remembered.
        await connection.query("SELECT pg_stat_clear_snapshot()");
        const [row] = await connection.query(waitingQuery);
        if (Number(row?.["n"]) >= waiting) return;
        await delay(pollMs);
      }
    },
    async [Symbol.asyncDispose]() {
      if (given) return;
      given = true;
      await connection.query("ROLLBACK");
      await connection[Symbol.asyncDispose]();
    },
  };
}
