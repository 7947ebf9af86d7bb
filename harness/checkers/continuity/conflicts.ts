/** Where what was there before is not there any more: pairs of sightings that cannot both hold. */
import type { Token } from "../../history/token.ts";
import { isMessage } from "../../history/token.ts";
import { lastReads } from "./ladder.ts";
import type { Life, Sighting } from "./observations.ts";
import type { ThreadOperations } from "./operation.ts";

export interface Clash {
  readonly before: Sighting;
  /** It began after `before` had ended, and does not continue it. */
  readonly after: Sighting;
  /** Messages that `before` shows and `after` does not. */
  readonly missing: readonly Token[];
  /** Messages that `after` shows and `before` does not. */
  readonly rivals: readonly Token[];
}

/**
 * Each real sighting is held against the newest that each life of each replica had: what is older
 * than that clashed there already. And each turn that is lost, against the last read without it.
 */
export function clashesOf(operations: ThreadOperations, sightings: readonly Sighting[]): Clash[] {
  const clashes: Clash[] = [];
  const ended = sightings.toSorted((one, other) => one.end - other.end);
  const newest = new Map<Life | null, { real?: Sighting; implied?: Sighting }>();
  let next = 0;
  for (const after of sightings) {
    for (let done = ended[next]; done && done.end < after.begin; done = ended[++next]) {
      const known = newest.get(done.life) ?? {};
      newest.set(done.life, { ...known, [done.real ? "real" : "implied"]: done });
    }
    if (!after.real) continue;
    for (const { real, implied } of newest.values()) {
      for (const before of [real, implied]) {
        if (!before || continues(after, before)) continue;
        const found = clash(before, after);
        // Between its last model call and its end a turn may have let another one in.
        if (before.real || found.missing.length > 0) clashes.push(found);
      }
    }
  }
  return [...clashes, ...losses(operations, sightings)].sort(
    (one, other) => one.after.end - other.after.end,
  );
}

/** Acknowledged turns that none of the last reads shows. */
function losses({ writes, reads }: ThreadOperations, sightings: readonly Sighting[]): Clash[] {
  const spans = new Set(lastReads(reads).map(({ begin, end }) => `${begin} ${end}`));
  const last = sightings.filter(({ real, begin, end }) => real && spans.has(`${begin} ${end}`));
  return writes.flatMap((write) => {
    if (write.outcome !== "ok") return [];
    const obliged = last.filter(({ begin }) => begin > write.end);
    if (obliged.some(({ list }) => list.includes(write.token))) return [];
    const before = sightings.find(({ real, turn }) => !real && turn === write.turn);
    return before ? obliged.map((after) => clash(before, after)) : [];
  });
}

function continues(after: Sighting, before: Sighting): boolean {
  if (!before.whole) return before.list.every((token) => after.list.includes(token));
  return before.list.every((token, place) => after.list[place] === token);
}

function clash(before: Sighting, after: Sighting): Clash {
  const missing = before.list.filter((token) => isMessage(token) && !after.list.includes(token));
  const rivals = after.list.filter((token) => isMessage(token) && !before.list.includes(token));
  return { before, after, missing, rivals };
}
