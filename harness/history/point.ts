import { callsOf } from "./turn.ts";

/** A point in a turn at which the harness can hold it, or kill its replica. */
export type Point = ModelPoint | ToolPoint | StatementPoint;

interface ModelPoint {
  readonly at: "model";
  /** open: the call has no answer yet. after: the answer exists and is not delivered yet. */
  readonly when: "open" | "after";
  /** Number of the model call in the turn's script, from 1. */
  readonly ordinal: number;
}

interface ToolPoint {
  readonly at: "tool";
  /** before: the tool has not acted. after: it has acted, and the result is not delivered yet. */
  readonly when: "before" | "after";
  readonly tool: string;
  /** Position among the tools of the turn, from 1; null: the first call of this tool. */
  readonly ordinal: number | null;
}

interface StatementPoint {
  readonly at: "statement";
  readonly when: "before" | "after";
  /** "INSERT checkpoint_blobs", "COMMIT". */
  readonly name: string;
  /** Counts the statements of this name in the attempt, from 1. */
  readonly ordinal: number;
  /** Counts the attempts of the turn, from 1. */
  readonly attempt: number;
}

/**
 * Formats a point: "model call 2", "after model call 2", "search", "before search 1",
 * "before INSERT checkpoint_blobs 2", or in a later attempt "attempt 2: after COMMIT 1".
 */
export function formatPoint(point: Point): string {
  const { at, when, ordinal } = point;
  switch (at) {
    case "model":
      return `${when === "open" ? "" : "after "}model call ${ordinal}`;
    case "tool":
      if (ordinal !== null) return `${when} ${point.tool} ${ordinal}`;
      return when === "after" ? point.tool : `before ${point.tool}`;
    case "statement": {
      const attempt = point.attempt > 1 ? `attempt ${point.attempt}: ` : "";
      return `${attempt}${when} ${point.name} ${ordinal}`;
    }
  }
}

const modelForm = /^(after )?model call (\d+)$/;
/** The verb of a statement is in upper case. */
const statementForm = /^(?:attempt (\d+): )?(before|after) ([A-Z]+(?: \S+)?) (\d+)$/;
const toolForm = /^(?:(before|after) )?(\S+)(?: (\d+))?$/;

/** @throws Error that lists the valid forms. */
export function parsePoint(text: string): Point {
  const whenOf = (word: string | undefined) => (word === "before" ? "before" : "after");
  const model = modelForm.exec(text);
  if (model !== null) {
    const when = model[1] === undefined ? "open" : "after";
    return { at: "model", when, ordinal: Number(model[2]) };
  }
  const statement = statementForm.exec(text);
  if (statement !== null) {
    const [, attempt = 1, when, name = "", ordinal] = statement;
    const counts = { ordinal: Number(ordinal), attempt: Number(attempt) };
    return { at: "statement", when: whenOf(when), name, ...counts };
  }
  const tool = toolForm.exec(text);
  if (tool !== null) {
    const [, when, name = "", ordinal] = tool;
    const which = ordinal === undefined ? null : Number(ordinal);
    return { at: "tool", when: whenOf(when), tool: name, ordinal: which };
  }
  throw new Error(
    `"${text}" is not a point of a turn: write "model call 1", the name of a tool, ` +
      '"before search 1", "after COMMIT 1" or "attempt 2: before INSERT checkpoints 1"',
  );
}

/** The points of a turn with these steps, in order: "model call 1", "search", "model call 2", … */
export function pointsOf(steps: readonly string[]): Point[] {
  const open = (ordinal: number): Point => ({ at: "model", when: "open", ordinal });
  const calls = steps.flatMap((step, i): Point[] => [
    open(i + 1),
    ...callsOf([step]).map(
      ({ tool }) => ({ at: "tool", when: "after", tool, ordinal: null }) as const,
    ),
  ]);
  return [...calls, open(steps.length + 1)];
}

/** Whether a hold at `point` stops a turn at `place`, which names one call. */
export function isReached(point: Point, place: Point): boolean {
  if (point.at === "tool" && place.at === "tool" && point.ordinal === null) {
    return point.tool === place.tool && point.when === place.when;
  }
  return formatPoint(point) === formatPoint(place);
}

/** A kill, and optionally a second one during recovery: "after COMMIT 1, then attempt 2: …". */
export type PointPath = readonly [first: Point, second?: Point];

const then = ", then ";

export function formatPath(path: PointPath): string {
  return path.flatMap((point) => (point === undefined ? [] : [formatPoint(point)])).join(then);
}

/** @throws Error that lists the valid forms. */
export function parsePath(text: string): PointPath {
  const [first = "", ...rest] = text.split(then);
  return rest.length === 0 ? [parsePoint(first)] : [parsePoint(first), parsePoint(rest.join(then))];
}
