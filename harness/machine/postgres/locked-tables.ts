import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { type Place, quoted } from "./table-names.ts";

const pollMs = 10;
/** How long to wait for the lock itself, in milliseconds: a transaction of a turn may be open. */
const lockTimeoutMs = 5_000;

/** Held: who wants to write to these tables waits; with "everything" who reads them, too. */
export interface LockedTables extends AsyncDisposable {
  /** Whether a statement was seen to wait for it. */
  readonly met: boolean;
  /** Resolves once one is; also once it is released, or after so long. */
  reached(atMostMs: number): Promise<void>;
}

/** Takes the lock on a connection of its own, and watches who waits for it. */
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
  // Its end is the release.
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
  // Without its connection, as after a crash of the server, there is no lock any more either.
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
