import { setImmediate as immediately, setTimeout as delay } from "node:timers/promises";
import type { History } from "../history/history.ts";

/** A service that is never quiet is waited for this many intervals. */
const maxIntervals = 20;

/** Event loop turns from a client's socket through link and proxy into the history. */
const hops = 4;

/** Resolves when the history did not grow for an interval, in milliseconds. */
export async function untilQuiet({ entries }: Pick<History, "entries">, ms: number): Promise<void> {
  for (let looks = 0, seen = -1; looks < maxIntervals && seen < entries.length; looks += 1) {
    const began = performance.now();
    seen = entries.length;
    await delay(ms);
    // Timers run before the sockets that are ready to be read.
    for (let hop = 0; hop < hops; hop += 1) await immediately();
    // If this process was stalled, the interval does not count.
    if (performance.now() - began > 2 * ms + 50) seen = -1;
  }
}
