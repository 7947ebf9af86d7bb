import type { Entry, History } from "../history.ts";
import { afterModel, beforeTool, modelPoint, type Point } from "../turn.ts";
import { statementPoint } from "../wires/statements.ts";

export type Where = "database" | "model" | "tools";

/** A place of a turn in which its replica can be killed. */
export interface CrashPoint {
  readonly name: Point;
  readonly where: Where;
}

/** All points of one attempt of a turn, in the order in which it came by them. */
export function crashPointsOf(history: History, turn: string, attempt: number): CrashPoint[] {
  const found = new Map<Point, CrashPoint>();
  const calls = new Map<string, Entry>();
  for (const entry of ofAttempt(history, turn, attempt)) {
    if (entry.kind === "model.call" || entry.kind === "tool.call") calls.set(entry.call, entry);
    const point = crashPointOf(entry, calls);
    if (point !== null && !found.has(point.name)) found.set(point.name, point);
  }
  return [...found.values()];
}

/** From the beginning of an attempt to its end. */
function ofAttempt({ entries }: History, turn: string, attempt: number): Entry[] {
  const begins = entries.filter((it) => it.kind === "attempt.begin" && it.turn === turn);
  const begin = begins[attempt - 1];
  if (begin?.kind !== "attempt.begin") return [];
  const end = entries.find((it) => it.kind === "attempt.end" && it.attempt === begin.attempt);
  return entries.filter(({ seq }) => seq > begin.seq && seq < (end?.seq ?? Infinity));
}

function crashPointOf(entry: Entry, calls: ReadonlyMap<string, Entry>): CrashPoint | null {
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
      return { name: call.tool, where: "tools" };
    }
    default:
      return null;
  }
}
