import { setTimeout as delay } from "node:timers/promises";
import type { History } from "../history/history.ts";

interface Limits {
  /**
   * A scenario without any progress for this long, in milliseconds, is stuck. A slow scenario is
   * not stuck: ten boots have taken 220 s on a busy machine.
   */
  readonly stuckMs?: number;
  /** An endless scenario ends after this many of these intervals. */
  readonly maxIntervals?: number;
  /** The longest time after the first turn of the workload, in milliseconds. */
  readonly atMostMs?: number;
}

/** Why a run that was limited in time was not completed. */
export const cutShort = "the run was cut short";

/** The result of `acted`, or a sentence if it got stuck or did not end in time. */
export async function withProgressDeadline<T>(
  acted: Promise<T>,
  { entries }: Pick<History, "entries">,
  { stuckMs = 150_000, maxIntervals = 6, atMostMs = Infinity }: Limits = {},
): Promise<T | string> {
  // After a timeout nothing awaits it any more: mark it handled.
  acted.catch(() => {});
  const over = new AbortController();
  const watching = (async () => {
    for (let looks = 1; looks <= maxIntervals; looks += 1) {
      const seen = entries.length;
      await delay(stuckMs, undefined, { signal: over.signal });
      if (entries.length === seen) return `the scenario made no progress for ${stuckMs / 1_000} s`;
    }
    return `the scenario did not end within ${(maxIntervals * stuckMs) / 1_000} s`;
  })();
  watching.catch(() => {});
  const limited = atMostMs === Infinity ? [] : [limit(entries, atMostMs, over.signal)];
  try {
    return await Promise.race([acted, watching, ...limited]);
  } finally {
    over.abort();
  }
}

/** Resolves this long after the workload began, in milliseconds. */
async function limit(
  entries: History["entries"],
  atMostMs: number,
  signal: AbortSignal,
): Promise<string> {
  const isBegun = () => entries.some((it) => it.kind === "phase" && it.phase === "workload");
  try {
    while (!isBegun()) await delay(20, undefined, { signal });
    await delay(atMostMs, undefined, { signal });
  } catch {
    // The run was over first.
  }
  return cutShort;
}
