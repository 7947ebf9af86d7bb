import { setImmediate as immediately, setTimeout as delay } from "node:timers/promises";
import type { History } from "../history/history.ts";

/** So often it is looked at: what never falls silent is not waited for. */
const atMost = 20;

/** From the socket of a client through link and tap into the history, one turn of the loop each. */
const hops = 4;

/** Resolves once nothing has happened for so long, in milliseconds. */
export async function lull({ entries }: Pick<History, "entries">, ms: number): Promise<void> {
  for (let looks = 0, seen = -1; looks < atMost && seen < entries.length; looks += 1) {
    const began = performance.now();
    seen = entries.length;
    await delay(ms);
    // A timer comes before what waits in the sockets.
    for (let hop = 0; hop < hops; hop += 1) await immediately();
    // Who was held up for long did not listen.
    if (performance.now() - began > 2 * ms + 50) seen = -1;
  }
}
