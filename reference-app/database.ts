import pg from "pg";
import { sentenceOf } from "./refusal.ts";
import type { StorageSettings } from "./settings.ts";

/**
 * Two pools, because a turn holds one connection (its lock) while the saver needs others. With one
 * pool, as many turns as it has connections would each wait for one more: a deadlock. Here a holder
 * of `locks` waits for `work`, and a holder of `work` waits for nothing.
 */
export interface Database {
  readonly work: pg.Pool;
  readonly locks: pg.Pool;
}

// One connection per running turn; a turn's statements are short and take turns on fewer. Together
// 24 per replica: four replicas fit into the 100 connections of a default Postgres.
const locksAtMost = 16;
const workAtMost = 8;
// The server's own time-out speaks first, because its error says which statement it was. Ours is
// for a server or a wire that no longer answers at all, whether or not it has a connection by then.
const wireSlackMs = 1_000;
const serverlessMs = 5_000;

export function openDatabase(settings: StorageSettings): Database {
  return { work: openPool(settings, workAtMost), locks: openPool(settings, locksAtMost) };
}

export async function closeDatabase(database: Database): Promise<void> {
  await Promise.allSettled([database.work.end(), database.locks.end()]);
}

function openPool(settings: StorageSettings, max: number): pg.Pool {
  const statementMs = settings.STATEMENT_TIMEOUT_MS;
  const patienceMs = (statementMs > 0 ? statementMs : serverlessMs) + wireSlackMs;
  const pool = new pg.Pool({
    connectionString: settings.DATABASE_URL,
    application_name: `reference-app ${settings.REPLICA}`,
    max,
    connectionTimeoutMillis: patienceMs,
    // Sent as a start-up parameter, which PgBouncer refuses unless told otherwise: 0 leaves it out.
    ...(statementMs > 0 ? { statement_timeout: statementMs } : {}),
    query_timeout: patienceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // A connection in use that is lost speaks through its client alone, an idle one through the pool
  // as well. Without a listener on both, a restart of Postgres ends this process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    client.on("error", (error) => {
      console.error(`a database connection was lost: ${sentenceOf(error)}`);
    });
    keepFirstError(client);
  });
  return pool;
}

/**
 * The saver sends ROLLBACK after a failed statement. On a lost connection that fails too, and its
 * error would replace the one that says what happened. A connection that cannot roll back is closed
 * instead, which rolls back as well; so is one whose statement got no answer, because whoever took
 * it from the pool next would wait behind that statement.
 */
function keepFirstError(client: pg.PoolClient): void {
  const query = client.query;
  const close = () => {
    if ("end" in client && typeof client.end === "function") client.end(() => undefined);
  };
  Object.defineProperty(client, "query", {
    value: (...args: unknown[]): unknown => {
      const result: unknown = Reflect.apply(query, client, args);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        const isRollback = args[0] === "ROLLBACK";
        if (isRollback || sentenceOf(error) === "Query read timeout") close();
        if (!isRollback) throw error;
      });
    },
  });
}
