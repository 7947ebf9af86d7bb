import { inkOf, wrap } from "../report/ink.ts";
import type { PointResult, SweepReport } from "./report.ts";

const colors = { holds: "green", violated: "red", inconclusive: "yellow" } as const;
const places = { database: "d", model: "m", tools: "t" } as const;

/** One letter for what became of a point. */
function letterOf({ verdict, lost, repeated }: PointResult): string {
  if (verdict === "holds") return "·";
  if (verdict === "inconclusive") return "?";
  return lost.length > 0 ? "L" : repeated.length > 0 ? "R" : "V";
}

/**
 * The points of a turn as a strip, one cell each in the order of the turn, and below it every cause
 * with the points at which it was seen, and the command that repeats the first of them.
 */
export function sweepText(
  report: SweepReport,
  { columns, color }: { columns: number; color: boolean },
): string {
  const ink = inkOf(color);
  const service = report.variant ?? report.target;
  const turn = report.steps.length === 0 ? "a plain reply" : report.steps.join(", ");
  const kills = report.double ? ", with a second kill in the recovery" : "";
  const lines = [`── ${service}: a turn with ${turn}, killed at ${count(report)}${kills}`, ""];
  const width = Math.min(columns, 100) - 4;
  for (let from = 0; from < report.points.length; from += width) {
    const cells = report.points.slice(from, from + width);
    lines.push(`  ${cells.map(({ where }) => places[where]).join("")}`);
    lines.push(`  ${cells.map((it) => ink(colors[it.verdict], letterOf(it))).join("")}`, "");
  }
  for (const [cause, points] of causesOf(report.points)) {
    const [first] = points;
    if (first === undefined) continue;
    lines.push(` ${ink(colors[first.verdict], cause)}  at ${points.length} points`);
    const told = points.map(({ name }) => name).join(" · ");
    lines.push(
      ...wrap(told, width)
        .slice(0, 4)
        .map((line) => `   ${line}`),
    );
    lines.push(...wrap(first.because ?? "", width).map((line) => `   ${line}`));
    if (first.remedy !== null) {
      lines.push(
        ...wrap(first.remedy, width).map((line, i) => `   ${i === 0 ? "→" : " "} ${line}`),
      );
    }
    lines.push(`   repeat  ${first.repeat}`, "");
  }
  const kinds = ["holds", "violated", "inconclusive"] as const;
  const [held, violated, open] = kinds.map(
    (kind) => report.points.filter(({ verdict }) => verdict === kind).length,
  );
  const perMinute = Math.round((report.points.length * 60_000) / report.durationMs);
  lines.push(
    " d statement, m model call, t tool call · · held, L lost, R repeated, ? could not be judged",
    ` ${held} held, ${violated} violated, ${open} inconclusive · ${perMinute} points per minute · seed ${report.seed}`,
    "",
  );
  return lines.join("\n");
}

function count({ points, turnPoints, double }: SweepReport): string {
  if (double) return `${points.length} pairs of points`;
  return points.length === turnPoints
    ? `each of its ${turnPoints} points`
    : `${points.length} of its ${turnPoints} points`;
}

function causesOf(points: readonly PointResult[]): Map<string, PointResult[]> {
  const causes = new Map<string, PointResult[]>();
  for (const point of points) {
    if (point.verdict === "holds") continue;
    const cause = point.diagnosis ?? point.verdict;
    causes.set(cause, [...(causes.get(cause) ?? []), point]);
  }
  return causes;
}
