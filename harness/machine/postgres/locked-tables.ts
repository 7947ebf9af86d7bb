import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { type Place, quoted } from "./table-names.ts";

const pollMs = 10;
/** The time limit for getting the lock: a transaction of a turn may be open. */
const lockTimeoutMs = 5_000;

/** Until dispose, writes to these tables wait; with "everything" reads wait too. */
export interface LockedTables extends AsyncDisposable {
  /** Whether a statement has waited for the lock. */
  readonly met: boolean;
  /** Resolves once a statement waits for the lock, the lock is released, or the time is over. */
  reached(atMostMs: number): Promise<void>;
}

/** Takes the lock on `connection`, and watches for statements that wait for it. */
export async function lockTables(
  connection: Connection,
  places: readonly Place[],
  against: "writes" | "everything",
): Promise<LockedTables> {
  const mode = against === "writes" ? "SHARE" : "ACCESS EXCLUSIVE";
  await using stack = new AsyncDisposableStack();
  stack.use(connection);
  await connection.query("BEGIN");
  await connection.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
  if (places.length > 0) {
    await connection.query(`LOCK TABLE ${places.map(quoted).join(", ")} IN ${mode} MODE`);
  }
  // The end of the connection releases the lock.
  const kept = stack.move();
  let met = false;
  let over = false;
  const watch = async (): Promise<void> => {
    while (!met && !over) {
      const [row] = await connection.query(
        `SELECT count(*)::int AS n FROM pg_locks
          WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`,
      );
      met = Number(row?.["n"]) > 0;
      if (!met) await delay(pollMs);
    }
  };
  // If the connection is lost, as after a crash of the server, the lock is released.
  const watching = watch().catch(() => {});
  return {
    get met() {
      return met;
    },
    reached: (atMostMs) => Promise.race([watching, delay(atMostMs, undefined, { ref: false })]),
    async [Symbol.asyncDispose]() {
      if (over) return;
      over = true;
      await watching;
      await kept.disposeAsync();
    },
  };
}
