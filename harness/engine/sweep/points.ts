import type { Entry, History } from "../../history/history.ts";
import { formatPoint, type Point } from "../../history/point.ts";

/** A point of a turn at which its replica can be killed. */
export interface CrashPoint {
  readonly point: Point;
  /** Whether the client already had its reply: a kill here hits the saves after it. */
  readonly replied: boolean;
  /** The number of earlier events in the turn that the end of a replica does not undo. */
  readonly lasting: number;
}

/**
 * All points of one attempt of a turn, in the order in which the attempt reached them, up to the
 * next request of the harness.
 */
export function crashPointsOf(history: History, turn: string, attempt: number): CrashPoint[] {
  const found = new Map<string, CrashPoint>();
  const calls = new Map<string, Entry>();
  let replied = false;
  let lasting = 0;
  for (const entry of ofAttempt(history, turn, attempt)) {
    replied ||= entry.kind === "attempt.end" && entry.outcome.kind === "ok";
    if (lasts(entry)) lasting += 1;
    if (entry.kind === "model.call" || entry.kind === "tool.call") calls.set(entry.call, entry);
    const point = crashPointOf(entry, calls);
    if (point === null) continue;
    const name = formatPoint(point);
    if (!found.has(name)) found.set(name, { point, replied, lasting });
  }
  return [...found.values()];
}

/** The longest time without any activity of an attempt, in milliseconds. */
export function longestSilence(history: History, turn: string, attempt: number): number {
  const entries = ofAttempt(history, turn, attempt);
  const last = entries.findLastIndex((it) => it.kind === "statement" || isExternal(it));
  // Later entries are of the harness, which waits until the attempt is quiet.
  const times = entries.slice(0, last + 1).map(({ at }) => at);
  return Math.max(0, ...times.map((at, i) => at - (times[i - 1] ?? at)));
}

/** Whether a turn continued while it was held at a point, until the kill. */
export function wentOn(history: History, turn: string, { point }: CrashPoint): boolean {
  const name = formatPoint(point);
  const mine = history.entries.filter((it) => "turn" in it && it.turn === turn);
  const held = mine.find((it) => {
    const found = crashPointOf(it, new Map());
    return found !== null && formatPoint(found) === name;
  });
  if (held === undefined) return false;
  const kill = history.entries.find(
    ({ seq, kind, ...it }) =>
      seq > held.seq && kind === "fault.begin" && "replica" in it && it.replica !== null,
  );
  return mine.some(({ seq }) => seq > held.seq && seq < (kill?.seq ?? 0));
}

function ofAttempt({ entries }: History, turn: string, attempt: number): Entry[] {
  const begins = entries.filter((it) => it.kind === "attempt.begin" && it.turn === turn);
  const begin = begins[attempt - 1];
  if (begin === undefined) return [];
  const after = entries.slice(entries.indexOf(begin) + 1);
  const next = after.findIndex((it) => it.kind === "attempt.begin" || it.kind === "phase");
  return next === -1 ? after : after.slice(0, next);
}

/** Whether the end of a replica does not undo an entry; true if in doubt. */
function lasts(entry: Entry): boolean {
  if (entry.kind !== "statement") return isExternal(entry);
  if (entry.phase !== "done" || entry.inTransaction === true) return false;
  return !/^(SELECT \S|SHOW|SET|ROLLBACK)/.test(entry.name);
}

/** A call, its answer, or the end of the attempt: another party has seen it. */
function isExternal({ kind }: Entry): boolean {
  return ["model.call", "model.answer", "tool.call", "tool.answer", "attempt.end"].includes(kind);
}

function crashPointOf(entry: Entry, calls: ReadonlyMap<string, Entry>): Point | null {
  switch (entry.kind) {
    case "statement": {
      if (entry.turn === null) return null;
      const { name, ordinal, attempt, phase } = entry;
      return {
        at: "statement",
        when: phase === "sent" ? "before" : "after",
        name,
        ordinal,
        attempt,
      };
    }
    case "model.call":
    case "tool.call":
      return pointOfCall(entry, false);
    case "model.answer":
    case "tool.answer":
      return pointOfCall(calls.get(entry.call), true);
    default:
      return null;
  }
}

/** The point of a call; null: a side call, or no call. */
function pointOfCall(call: Entry | undefined, isAnswered: boolean): Point | null {
  if (call?.kind === "model.call" && call.turn !== null) {
    return { at: "model", when: isAnswered ? "after" : "open", ordinal: call.ordinal };
  }
  if (call?.kind !== "tool.call" || call.turn === null || call.ordinal === null) return null;
  const { tool, ordinal } = call;
  return { at: "tool", when: isAnswered ? "after" : "before", tool, ordinal };
}
