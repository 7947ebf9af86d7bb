import pg from "pg";
import { sentenceOf } from "./refusal.ts";
import type { StorageSettings } from "./settings.ts";

/**
 * Two pools, because a turn holds one connection for its lock while the saver needs others. With
 * one pool, turns could hold all connections and wait for one more each: a deadlock. Here a turn
 * that holds a connection of `locks` waits for `work`. A statement on `work` waits for no other.
 */
export interface Database {
  readonly work: pg.Pool;
  readonly locks: pg.Pool;
}

// One lock connection per running turn. Statements are short, so they need fewer connections.
// Together 24 per replica: four replicas fit into the 100 connections of a default Postgres.
const locksAtMost = 16;
const workAtMost = 8;
// The server's time-out comes first, because its error names the statement. Ours is for a server
// or a network that no longer answers.
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
    // Sent as a start-up parameter, which PgBouncer refuses by default. 0 omits it.
    ...(statementMs > 0 ? { statement_timeout: statementMs } : {}),
    query_timeout: patienceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // If a connection in use is lost, only its client emits an error; if it is idle, the pool emits
  // one too. Without a listener on both, a restart of Postgres ends this process.
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
 * The saver sends ROLLBACK after a failed statement. On a lost connection the ROLLBACK fails too,
 * and its error would replace the first one, which says what happened. So this hides the second
 * error and closes the connection, which rolls back as well. It also closes a connection whose
 * statement got no answer, because the next query on it would wait behind that statement.
 *
 * When you upgrade the saver, check whether put() and putWrites() still send ROLLBACK before they
 * throw. When you upgrade pg, check the text "Query read timeout".
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
