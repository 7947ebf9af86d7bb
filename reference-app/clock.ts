import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "./database.ts";
import { TurnFailure } from "./refusal.ts";

/**
 * LangGraph takes the checkpoint with the highest id as the newest, and an id begins with the time
 * of the replica that made it. If the clock of a replica is behind, its turns are stored below
 * those of the others: the user gets an answer, and later turns do not see it.
 */
export interface Clock {
  /** The fault of this replica's clock, in a sentence that says what to do. */
  probe(): Promise<string | undefined>;
  /** Resolves once a checkpoint made now is newer than one of this time. */
  after(newest: string | undefined, signal: AbortSignal): Promise<void>;
}

/**
 * Compares with the database's clock, which all replicas share. A replica may differ from it by
 * `toleranceMs`, so two replicas by twice as much. That is the longest time that a turn waits.
 */
export function databaseClock({ work }: Database, toleranceMs: number): Clock {
  return {
    async probe() {
      const earliest = Date.now();
      const { rows } = await work.query<{ now: number }>(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now",
      );
      const latest = Date.now();
      const now = rows[0]?.now ?? NaN;
      const aheadMs = Math.max(earliest - now, 0) - Math.max(now - latest, 0);
      if (Math.abs(aheadMs) <= toleranceMs) return undefined;
      const side = aheadMs > 0 ? "ahead of" : "behind";
      const seconds = Math.abs(aheadMs / 1_000).toFixed(1);
      return `this replica's clock is ${seconds} s ${side} the database's: synchronise both by NTP`;
    },
    async after(newest, signal) {
      if (newest === undefined) return;
      // 2 ms more: one millisecond may contain several checkpoints, and a timer may fire early.
      const waitMs = Date.parse(newest) + 2 - Date.now();
      if (waitMs <= 0) return;
      if (waitMs <= 2 * toleranceMs) return pause(waitMs, undefined, { signal });
      const seconds = Math.round(waitMs / 1_000);
      throw new TurnFailure(
        503,
        `the newest checkpoint of this thread was written by a clock that is ${seconds} s ahead`,
        { final: false },
      );
    },
  };
}

/** Compares nothing: in one process there is only one clock. */
export const trustedClock: Clock = {
  probe: async () => undefined,
  after: async () => undefined,
};
