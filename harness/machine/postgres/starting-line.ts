import { setTimeout as delay } from "node:timers/promises";
import { Connection } from "./connection.ts";

const pollMs = 5;

/**
 * Until dispose, clients that create a table in this database wait, and so do clients that wait
 * for their locks. On dispose all continue at the same moment.
 */
export interface StartingLine extends AsyncDisposable {
  /**
   * Resolves once `waiting` connections wait for a lock or poll for one, or the line is disposed.
   */
  reached(waiting: number): Promise<void>;
}

/**
 * A connection that polls for an advisory lock counts as waiting. Migrations often poll, because
 * CREATE INDEX CONCURRENTLY waits for every statement, even for one that waits itself.
 */
const waitingQuery = `
  SELECT count(*)::int AS n FROM pg_stat_activity AS them
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND (
     EXISTS (SELECT FROM pg_locks WHERE pid = them.pid AND NOT granted)
     OR query ~* '\\mpg_try_advisory_(xact_)?lock' AND NOT EXISTS (
       SELECT FROM pg_locks WHERE pid = them.pid AND locktype = 'advisory' AND granted))`;

/**
 * Locks the catalogue of tables against writes: `CREATE TABLE IF NOT EXISTS` has then checked that
 * the table is missing, and waits to write. Needs a superuser. Two services that call setup()
 * without a lock collide every time (23505 on pg_type_typname_nsp_index). Without the line they
 * collided 2 to 5 times out of 10 on two busy cores.
 */
export async function openStartingLine(url: string, application: string): Promise<StartingLine> {
  const connection = new Connection(url, application);
  await connection.query("BEGIN");
  await connection.query("LOCK TABLE pg_catalog.pg_class IN SHARE MODE");
  let given = false;
  return {
    async reached(waiting) {
      while (!given) {
        // Within a transaction Postgres caches its view of the activity.
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
