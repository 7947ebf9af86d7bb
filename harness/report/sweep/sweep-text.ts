import { type Style, styleFor, wrap } from "../style.ts";
import type { PointResult, SweepReport } from "./sweep-report.ts";
import { causesOf, type Column, columnsOf, labelOf, letterOf } from "./strip.ts";
import { placeOf, stretchesOf } from "./strip.ts";

const colors = { holds: "green", violated: "red", inconclusive: "yellow" } as const;

/**
 * The points of a turn as strips: a row for each service, a cell for each point, in the order of
 * the turn. Below them each cause has its points, and the command that reproduces the first one.
 */
export function sweepText(
  reports: readonly SweepReport[],
  { columns, color }: { columns: number; color: boolean },
): string {
  const [one] = reports;
  if (one === undefined) return "";
  const style = styleFor(color);
  const width = Math.min(columns, 100);
  return [
    `── ${one.target}: ${turnInWords(one)}`,
    "",
    ...strips(reports, width, style),
    " d statement, m model call, t tool call · · held, L lost, R repeated, ? inconclusive",
    "",
    ...reports.flatMap((report) => causes(report, width - 4, style)),
    ...reports.map((report) => ` ${describeResult(report)}`),
    "",
  ].join("\n");
}

/** "a turn with search, then book, killed at each of its points, with a second kill …" */
export function turnInWords({ steps, double }: SweepReport): string {
  const turn = steps.length === 0 ? "a plain reply" : steps.join(", then ");
  const kills = double ? "killed at its points, and again in the recovery" : "killed at its points";
  return `a turn with ${turn}, ${kills}`;
}

export function nameOf({ variant }: SweepReport): string {
  return variant ?? "plain";
}

/** "plain: 9 of its 152 points · 9 held, … · 90 per minute, with 9 kills · seed 7" */
export function describeResult(report: SweepReport): string {
  const { points, kills, turnPoints, durationMs, double, complete, seed } = report;
  const counts = (["holds", "violated", "inconclusive"] as const).map(
    (kind) => points.filter(({ verdict }) => verdict === kind).length,
  );
  const perMinute = Math.round((points.length * 60_000) / durationMs);
  const swept = double
    ? `${points.length} points and pairs`
    : `${points.length} of its ${turnPoints} points`;
  const verdicts = `${counts[0]} held, ${counts[1]} violated, ${counts[2]} inconclusive`;
  const interrupted = complete ? "" : " · interrupted";
  const rate = `${perMinute} per minute, with ${kills} ${kills === 1 ? "kill" : "kills"}`;
  return `${nameOf(report)}: ${swept} · ${verdicts} · ${rate} · seed ${seed}${interrupted}`;
}

function strips(reports: readonly SweepReport[], width: number, style: Style): string[] {
  const margin = Math.max(...reports.map((report) => nameOf(report).length)) + 3;
  const all = columnsOf(reports);
  const lines: string[] = [];
  for (let from = 0; from < all.length; from += width - margin) {
    const some = all.slice(from, from + width - margin);
    const row = (name: string, cells: readonly string[]): string =>
      ` ${name.padStart(margin - 3)}  ${cells.join("")}`.trimEnd();
    lines.push(...labels(some).map((line) => row("", [line])));
    const places = some.map(({ where }) => placeOf(where));
    lines.push(row("", places));
    for (const [i, report] of reports.entries()) {
      if (some.every(({ cells }) => cells[i] == null)) continue;
      const cells = some.map(({ where, cells: of }) => cellOf(of[i] ?? null, where, style));
      lines.push(row(nameOf(report), cells));
    }
    lines.push("");
  }
  return lines;
}

function cellOf(point: PointResult | null, where: Column["where"], style: Style): string {
  if (point === null) return where === "reply" ? "│" : " ";
  return style(colors[point.verdict], letterOf(point));
}

/** The names of calls above their columns: model calls in one line, tool calls in another. */
function labels(columns: readonly Column[]): string[] {
  const lines = ["", ""];
  let last = "";
  columns.forEach(({ landmark, where }, i) => {
    if (landmark === null) return;
    const label = labelOf(landmark);
    const line = where === "tools" ? 1 : 0;
    const before = lines[line] ?? "";
    if (label === last || before.length > i) return;
    lines[line] = `${before.padEnd(i)}${label} `;
    last = label;
  });
  return lines.map((line) => line.trimEnd()).filter(Boolean);
}

function causes(report: SweepReport, width: number, style: Style): string[] {
  const lines: string[] = [];
  const { verdict, diagnosis, because } = report.undisturbed;
  if (verdict !== "holds") {
    const title = `${nameOf(report)}: even without a kill: ${diagnosis ?? verdict}`;
    lines.push(` ${style(colors[verdict], title)}`, ...indented(because ?? "", width), "");
  }
  for (const [cause, points] of causesOf(report)) {
    const [first] = points;
    if (first === undefined) continue;
    const count = points.length === 1 ? "1 point" : `${points.length} points`;
    lines.push(` ${nameOf(report)}: ${style(colors[first.verdict], cause)}  at ${count}`);
    const stretches = stretchesOf(new Set(points), report.points);
    const shown = stretches.length > 8 ? [...stretches.slice(0, 8), "…"] : stretches;
    lines.push(...indented(shown.join(" · "), width), ...indented(first.because ?? "", width));
    if (first.remedy !== null) {
      const remedy = wrap(first.remedy, width);
      lines.push(...remedy.map((line, i) => `   ${i === 0 ? "→" : " "} ${line}`));
    }
    lines.push(`   reproduce  ${first.reproduce}`, "");
  }
  return lines;
}

function indented(text: string, width: number): string[] {
  return wrap(text, width).map((line) => `   ${line}`);
}
