import { setTimeout as pause } from "node:timers/promises";
import type { PoolClient } from "pg";
import { isDatabaseAway, Refusal, TurnFailure } from "./refusal.ts";
import type { Database } from "./database.ts";

/** Lets one turn at a time change a thread, across all replicas. */
export interface Gate {
  /**
   * Runs `work` while it holds the thread. Throws a Refusal (409) if another turn holds it. The
   * signal fires when the lock is lost or has been held for too long: then `work` has to stop.
   */
  hold<T>(thread: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

const longestHoldMs = 120_000;
const tries = 4;
const betweenTriesMs = 80;

export function busy(): Refusal {
  return new Refusal(
    409,
    "a turn is already running on this thread; send again when it is done",
    1,
  );
}

/**
 * A transaction-level advisory lock, in a transaction that stays open for the turn. Postgres
 * releases it when the connection ends, so a killed replica blocks no thread. README.md says why it
 * is not a session-level lock. At READ COMMITTED (the default) an idle transaction holds no
 * snapshot, so it does not hold back vacuum.
 */
export function advisoryGate(database: Database): Gate {
  return {
    async hold(thread, work) {
      const client = await database.locks.connect().catch((cause: unknown) => {
        if (!isDatabaseAway(cause)) throw cause;
        throw new TurnFailure(503, "no database connection is free for another turn; try again", {
          final: false,
          cause,
        });
      });
      const lost = new AbortController();
      const lose = (cause: Error) => {
        lost.abort(
          new TurnFailure(503, "the turn was stopped because its lock was lost; send it again", {
            final: false,
            cause,
          }),
        );
      };
      client.on("error", lose);
      try {
        // So that the server ends the connection of a replica that it can no longer reach.
        await client.query("BEGIN");
        await client.query(
          `SET LOCAL idle_in_transaction_session_timeout = ${longestHoldMs + 10_000}`,
        );
        await take(client, thread);
        return await work(AbortSignal.any([lost.signal, AbortSignal.timeout(longestHoldMs)]));
      } finally {
        // Nothing was written in this transaction. Its end releases the lock.
        await client.query("ROLLBACK");
        client.off("error", lose);
        client.release(lost.signal.aborted);
      }
    },
  };
}

/** Not a queue. It tries again only because the server may still be closing a dead connection. */
async function take(client: PoolClient, thread: string): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held",
      [thread],
    );
    if (rows[0]?.held === true) return;
    if (tried === tries) throw busy();
    await pause(betweenTriesMs);
  }
}
