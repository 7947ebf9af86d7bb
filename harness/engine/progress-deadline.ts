import { setTimeout as delay } from "node:timers/promises";
import type { History } from "../history/history.ts";

/** When a scenario is given up. */
interface Limits {
  /**
   * One in which nothing happens for so long, in milliseconds, is stuck. A slow one is not: ten
   * boots have taken 220 s on a machine that was busy with others.
   */
  readonly stuckMs?: number;
  /** So many times as long is enough for any: one that says something again and again ends, too. */
  readonly atMost?: number;
}

/** What comes of it; or that it was stuck, or would not end: then nobody waits for it any more. */
export async function inTime<T>(
  acted: Promise<T>,
  { entries }: Pick<History, "entries">,
  { stuckMs = 150_000, atMost = 6 }: Limits = {},
): Promise<T | string> {
  // Its end is no news once that was said.
  acted.catch(() => {});
  const over = new AbortController();
  const watching = (async () => {
    for (let looks = 1; looks <= atMost; looks += 1) {
      const seen = entries.length;
      await delay(stuckMs, undefined, { signal: over.signal });
      if (entries.length === seen) return `nothing happened in it for ${stuckMs / 1_000} s`;
    }
    return `it was not over after ${(atMost * stuckMs) / 1_000} s`;
  })();
  watching.catch(() => {});
  try {
    return await Promise.race([acted, watching]);
  } finally {
    over.abort();
  }
}
