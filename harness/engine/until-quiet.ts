import { setImmediate as immediately, setTimeout as delay } from "node:timers/promises";
import type { History } from "../history/history.ts";

/** The longest wait for a service that is never quiet, in intervals. */
const maxIntervals = 20;

/** The event loop turns that data takes from a client's socket into the history. */
const hops = 4;

/** Resolves when the history did not grow for an interval, in milliseconds. */
export async function untilQuiet({ entries }: Pick<History, "entries">, ms: number): Promise<void> {
  for (let looks = 0, seen = -1; looks < maxIntervals && seen < entries.length; looks += 1) {
    const began = performance.now();
    seen = entries.length;
    await delay(ms);
    // Timers run before sockets with data to read.
    for (let hop = 0; hop < hops; hop += 1) await immediately();
    // If this process was stalled, the interval does not count.
    if (performance.now() - began > 2 * ms + 50) seen = -1;
  }
}
