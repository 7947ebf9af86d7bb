/** Pairs of observations that cannot both be true of one thread that only grows. */
import type { Token } from "../../history/token.ts";
import { isMessage } from "../../history/token.ts";
import type { Life } from "../lives.ts";
import type { Observation } from "./observations.ts";
import type { ThreadOperations } from "./operation.ts";
import { lastReads } from "./thread-levels.ts";

export interface Conflict {
  readonly before: Observation;
  /** It began after `before` had ended, and does not continue it. */
  readonly after: Observation;
  /** Messages that `before` shows and `after` does not. */
  readonly missing: readonly Token[];
  /** Messages that `after` shows and `before` does not. */
  readonly added: readonly Token[];
}

/**
 * Compares each real observation with the newest one of each life of each replica: an older one
 * conflicted with the newest already. And each lost turn with the last reads, which lack it.
 */
export function conflictsOf(
  operations: ThreadOperations,
  observations: readonly Observation[],
): Conflict[] {
  const conflicts: Conflict[] = [];
  const ended = observations.toSorted((one, other) => one.end - other.end);
  const newest = new Map<Life | null, { real?: Observation; implied?: Observation }>();
  let next = 0;
  for (const after of observations) {
    for (let done = ended[next]; done && done.end < after.begin; done = ended[++next]) {
      const known = newest.get(done.life) ?? {};
      newest.set(done.life, { ...known, [done.real ? "real" : "implied"]: done });
    }
    if (!after.real) continue;
    for (const { real, implied } of newest.values()) {
      for (const before of [real, implied]) {
        if (!before || continues(after, before)) continue;
        const conflict = conflictOf(before, after);
        // Another turn may come in between a turn's last model call and its end.
        if (before.real || conflict.missing.length > 0) conflicts.push(conflict);
      }
    }
  }
  return [...conflicts, ...losses(operations, observations)].sort(
    (one, other) => one.after.end - other.after.end,
  );
}

/** Acknowledged turns that none of the last reads shows. */
function losses(
  { writes, reads }: ThreadOperations,
  observations: readonly Observation[],
): Conflict[] {
  const spans = new Set(lastReads(reads).map(({ begin, end }) => `${begin} ${end}`));
  const last = observations.filter(({ real, begin, end }) => real && spans.has(`${begin} ${end}`));
  return writes.flatMap((write) => {
    if (write.outcome !== "ok") return [];
    const obliged = last.filter(({ begin }) => begin > write.end);
    if (obliged.some(({ list }) => list.includes(write.token))) return [];
    const before = observations.find(({ real, turn }) => !real && turn === write.turn);
    return before ? obliged.map((after) => conflictOf(before, after)) : [];
  });
}

function continues(after: Observation, before: Observation): boolean {
  if (!before.whole) return before.list.every((token) => after.list.includes(token));
  return before.list.every((token, place) => after.list[place] === token);
}

function conflictOf(before: Observation, after: Observation): Conflict {
  const missing = before.list.filter((token) => isMessage(token) && !after.list.includes(token));
  const added = after.list.filter((token) => isMessage(token) && !before.list.includes(token));
  return { before, after, missing, added };
}
