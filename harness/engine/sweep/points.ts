import type { Entry, History } from "../../history/history.ts";
import { afterModel, afterTool, beforeTool, modelPoint, type Point } from "../../history/turn.ts";
import { statementPoint } from "../../wires/database/statements.ts";
import type { PointResult } from "../../report/sweep/sweep-report.ts";

type Where = PointResult["where"];

/** A place of a turn in which its replica can be killed. */
export interface CrashPoint {
  readonly name: Point;
  readonly where: Where;
  /** The client had its answer before: what is killed here is what the service still saves. */
  readonly replied: boolean;
  /** So many things had happened in the turn by then that the end of a replica does not undo. */
  readonly lasting: number;
}

type Place = Pick<CrashPoint, "name" | "where">;

/**
 * All points of one attempt of a turn, in the order in which it came by them, up to whatever the
 * harness asks next.
 */
export function crashPointsOf(history: History, turn: string, attempt: number): CrashPoint[] {
  const found = new Map<Point, CrashPoint>();
  const calls = new Map<string, Entry>();
  let replied = false;
  let lasting = 0;
  for (const entry of ofAttempt(history, turn, attempt)) {
    replied ||= entry.kind === "attempt.end" && entry.outcome.kind === "ok";
    if (lasts(entry)) lasting += 1;
    if (entry.kind === "model.call" || entry.kind === "tool.call") calls.set(entry.call, entry);
    const point = crashPointOf(entry, calls);
    if (point !== null && !found.has(point.name)) {
      found.set(point.name, { ...point, replied, lasting });
    }
  }
  return [...found.values()];
}

/** The longest time, in milliseconds, in which nothing was seen of an attempt. */
export function longestSilence(history: History, turn: string, attempt: number): number {
  const entries = ofAttempt(history, turn, attempt);
  const last = entries.findLastIndex((it) => it.kind === "statement" || isHeard(it));
  // What the harness does after it is no sign of it: it waits until there is none.
  const times = entries.slice(0, last + 1).map(({ at }) => at);
  return Math.max(0, ...times.map((at, i) => at - (times[i - 1] ?? at)));
}

/** Whether a turn went on while it was held at a point, until the replica was killed there. */
export function wentOn(history: History, turn: string, { name }: CrashPoint): boolean {
  const mine = history.entries.filter((it) => "turn" in it && it.turn === turn);
  const held = mine.find((it) => crashPointOf(it, new Map())?.name === name);
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

/** Whether something has happened that the end of a replica does not undo; in doubt it has. */
function lasts(entry: Entry): boolean {
  if (entry.kind !== "statement") return isHeard(entry);
  if (entry.phase !== "done" || entry.inTransaction === true) return false;
  return !/^(SELECT \S|SHOW|SET|ROLLBACK)/.test(entry.name);
}

/** A call, its answer, or that of the turn: somebody else has heard of it. */
function isHeard({ kind }: Entry): boolean {
  return ["model.call", "model.answer", "tool.call", "tool.answer", "attempt.end"].includes(kind);
}

function crashPointOf(entry: Entry, calls: ReadonlyMap<string, Entry>): Place | null {
  switch (entry.kind) {
    case "statement":
      if (entry.turn === null) return null;
      return {
        name: statementPoint(entry.phase === "sent" ? "before" : "after", entry),
        where: "database",
      };
    case "model.call":
      return entry.turn === null ? null : { name: modelPoint(entry.ordinal), where: "model" };
    case "tool.call":
      if (entry.turn === null || entry.ordinal === null) return null;
      return { name: beforeTool(entry.tool, entry.ordinal), where: "tools" };
    case "model.answer": {
      const call = calls.get(entry.call);
      if (call?.kind !== "model.call" || call.turn === null) return null;
      return { name: afterModel(call.ordinal), where: "model" };
    }
    case "tool.answer": {
      const call = calls.get(entry.call);
      if (call?.kind !== "tool.call" || call.turn === null) return null;
      if (call.ordinal === null) return null;
      return { name: afterTool(call.tool, call.ordinal), where: "tools" };
    }
    default:
      return null;
  }
}
