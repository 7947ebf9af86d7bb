import { parsePath, parsePoint } from "../../history/point.ts";
import type { PointResult, SweepReport } from "./sweep-report.ts";

/** One point of a turn, and the result of each service that was killed there. */
export interface Column {
  readonly where: PointResult["where"] | "reply";
  /** The call that every service makes here; null: a statement, which differs per service. */
  readonly landmark: string | null;
  /** One cell per service; null: the service has no such point. */
  readonly cells: readonly (PointResult | null)[];
}

/**
 * Aligns several sweeps of one turn at the calls that all services make, and at the reply. The
 * statements between two calls differ per service, also in number, depending on its durability.
 * They begin in the same column.
 */
export function columnsOf(reports: readonly SweepReport[]): Column[] {
  const landmarks = commonCalls(reports);
  const parts = reports.map(({ points }) => partsOf(points, landmarks));
  const columns: Column[] = [];
  for (let part = 0; part <= landmarks.length; part += 1) {
    const between = parts.map((it) => it[part]?.between ?? []);
    columns.push(...side(between.map((points) => points.filter((it) => !it.replied))));
    const late = between.map((points) => points.filter((it) => it.replied));
    if (late.some((points) => points.length > 0)) {
      columns.push({ where: "reply", landmark: "reply", cells: reports.map(() => null) });
      columns.push(...side(late));
    }
    const landmark = landmarks[part];
    if (landmark === undefined) break;
    const cells = parts.map((it) => it[part]?.call ?? null);
    columns.push({ where: cells.find((it) => it !== null)?.where ?? "model", landmark, cells });
  }
  return columns;
}

/** The statements of several services, aligned from the first one on. */
function side(points: readonly (readonly PointResult[])[]): Column[] {
  const width = Math.max(0, ...points.map((it) => it.length));
  return Array.from({ length: width }, (_, i) => {
    const cells = points.map((it) => it[i] ?? null);
    const where = cells.find((it) => it !== null)?.where ?? "database";
    return { where, landmark: null, cells };
  });
}

/** The points at calls, not statements, that all sweeps have in the same order. */
function commonCalls(reports: readonly SweepReport[]): string[] {
  const [first, ...others] = reports.map(({ points }) => points.map(({ name }) => name));
  const calls = new Set(
    reports.flatMap(({ points }) =>
      points.filter((it) => it.where !== "database" && !isPair(it)).map(({ name }) => name),
    ),
  );
  const furthest = others.map(() => -1);
  return (first ?? []).filter((name) => {
    const at = others.map((names) => names.indexOf(name));
    if (!calls.has(name) || at.some((index, i) => index <= (furthest[i] ?? -1))) return false;
    at.forEach((index, i) => (furthest[i] = index));
    return true;
  });
}

/** Whether a result is of two kills: at a point, and at a point of the recovery. */
function isPair({ name }: PointResult): boolean {
  return parsePath(name).length > 1;
}

/** Splits the points of one service at the landmarks. */
function partsOf(points: readonly PointResult[], landmarks: readonly string[]) {
  let from = 0;
  const parts = landmarks.map((landmark) => {
    const at = points.findIndex(({ name }) => name === landmark);
    const part = { between: points.slice(from, at), call: points[at] ?? null };
    from = at + 1;
    return part;
  });
  return [...parts, { between: points.slice(from), call: null }];
}

/** One letter for the result at a point. */
export function letterOf({ verdict, lost, repeated }: PointResult): string {
  if (verdict === "holds") return "·";
  if (verdict === "inconclusive") return "?";
  return lost.length > 0 ? "L" : repeated.length > 0 ? "R" : "V";
}

export function placeOf(where: Column["where"]): string {
  return { database: "d", model: "m", tools: "t", reply: "│" }[where];
}

/** The label of a landmark above the strip, the same for all points of a call. */
export function labelOf(landmark: string): string {
  const point = parsePoint(landmark);
  if (point.at === "statement") return point.name;
  const name = point.at === "model" ? "model" : point.tool;
  return point.ordinal === null ? name : `${name} ${point.ordinal}`;
}

/** The points in `seen` as stretches of the turn: "A … B", "C". */
export function stretchesOf(
  seen: ReadonlySet<PointResult>,
  points: readonly PointResult[],
): string[] {
  const stretches: PointResult[][] = [];
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (!seen.has(point)) return;
    if (before !== undefined && seen.has(before)) stretches.at(-1)?.push(point);
    else stretches.push([point]);
  });
  return stretches.map((stretch) => {
    const [first, last] = [stretch[0]?.name, stretch.at(-1)?.name];
    return stretch.length === 1 ? `${first}` : `${first} … ${last} (${stretch.length})`;
  });
}

/** The points that did not hold, by cause. */
export function causesOf({ points }: SweepReport): Map<string, PointResult[]> {
  const bad = points.filter(({ verdict }) => verdict !== "holds");
  return Map.groupBy(bad, (point) => point.diagnosis ?? point.verdict);
}
