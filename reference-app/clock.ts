import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "./database.ts";
import { TurnFailure } from "./refusal.ts";

/**
 * LangGraph takes the checkpoint with the highest id for the newest, and an id begins with the time
 * of the replica that made it. So the turns of a replica whose clock is behind are stored below
 * those of another one, and nobody ever sees them, although each was answered.
 */
export interface Clock {
  /** What is wrong with this replica's clock, as a sentence that says what to do. */
  probe(): Promise<string | undefined>;
  /** Resolves once a checkpoint made now is newer than one of this time. */
  after(newest: string | undefined, signal: AbortSignal): Promise<void>;
}

/** What two replicas may differ from the database: twice as much a turn may have to wait. */
const toleranceMs = 1_000;

/** The database's clock is the one that all replicas share. */
export function databaseClock({ work }: Database): Clock {
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
      return `this replica's clock is ${seconds} s ${side} the database's: set them by NTP`;
    },
    async after(newest, signal) {
      if (newest === undefined) return;
      // A millisecond may hold several checkpoints, and a timer be early by another.
      const waitMs = Date.parse(newest) + 2 - Date.now();
      if (waitMs <= 0) return;
      if (waitMs <= 2 * toleranceMs) return pause(waitMs, undefined, { signal });
      throw new TurnFailure(
        503,
        `the thread was written by a clock that is ${Math.round(waitMs / 1_000)} s ahead of this one`,
        { final: false },
      );
    },
  };
}

/** Whatever the clock says is right: in one process there is only one. */
export const trustedClock: Clock = {
  probe: async () => undefined,
  after: async () => undefined,
};
