import { styleOf } from "./page-style.ts";
import type { PointResult, SweepReport } from "./sweep-report.ts";
import { causesOf, type Column, columnsOf, labelOf, letterOf, placeOf } from "./strip.ts";
import { stretchesOf } from "./strip.ts";
import { describeResult, nameOf, turnInWords } from "./sweep-text.ts";

/** The number of cells in a row, which a page of normal width can show. */
const cellsPerBlock = 64;

/** The strips of a sweep as one self-contained page. Each cell has its result as a tooltip. */
export function sweepHtml(reports: readonly SweepReport[]): string {
  const [one] = reports;
  if (one === undefined) return "";
  const title = `${one.target}: ${turnInWords(one)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${styleOf()}</style>
<h1>${escaped(title)}</h1>
<p class="key">${key()}</p>
${blocks(reports)}
${reports.map(section).join("\n")}
</html>
`;
}

function blocks(reports: readonly SweepReport[]): string {
  const columns = columnsOf(reports);
  const starts = columns.flatMap((_, i) => (i % cellsPerBlock === 0 ? [i] : []));
  const tables = starts.map((from) => {
    const some = columns.slice(from, from + cellsPerBlock);
    const rows = reports.flatMap((report, i) =>
      some.every(({ cells }) => cells[i] == null)
        ? []
        : `<tr><th scope="row">${escaped(nameOf(report))}</th>` +
          `${some.map(({ where, cells }) => cell(cells[i] ?? null, where)).join("")}</tr>`,
    );
    const places = some.map(({ where }) => `<td class="place ${where}">${placeOf(where)}</td>`);
    const isLabelled = some.some(({ landmark }) => landmark !== null);
    return (
      `<table class="strip"><tr${isLabelled ? ' class="calls"' : ""}><th></th>${labels(some)}</tr>` +
      `<tr><th></th>${places.join("")}</tr>${rows.join("")}</table>`
    );
  });
  return tables.join("\n");
}

/** The name of each call above its first point. */
function labels(columns: readonly Column[]): string {
  return columns
    .map(({ landmark }, i) => {
      const label = landmark === null ? null : labelOf(landmark);
      const before = columns[i - 1]?.landmark;
      const isFirst = label !== null && (before == null || labelOf(before) !== label);
      return `<td>${isFirst ? `<span>${escaped(label)}</span>` : ""}</td>`;
    })
    .join("");
}

function cell(point: PointResult | null, where: Column["where"]): string {
  if (point === null) return `<td class="none ${where}"></td>`;
  const tooltip = [point.name, point.diagnosis ?? point.verdict, point.because].filter(Boolean);
  return `<td class="${point.verdict}" title="${escaped(tooltip.join("\n"))}">${letterOf(point)}</td>`;
}

function section(report: SweepReport): string {
  const { verdict, diagnosis, because } = report.undisturbed;
  const already =
    verdict === "holds"
      ? ""
      : `<p><b class="${verdict}">even without a kill: ${escaped(diagnosis ?? verdict)}</b> ${escaped(because ?? "")}</p>`;
  const causes = [...causesOf(report)].map(([cause, points]) => causeOf(report, cause, points));
  return `<h2>${escaped(describeResult(report))}</h2>
${already}
${causes.join("\n")}
<details><summary>Every point</summary>
<table class="points"><tr><th>point<th>where<th>verdict<th>repeated<th>lost</tr>
${report.points.map(rowOf).join("\n")}
</table></details>`;
}

function causeOf(report: SweepReport, cause: string, points: readonly PointResult[]): string {
  const [first] = points;
  if (first === undefined) return "";
  const stretches = stretchesOf(new Set(points), report.points);
  return `<div class="cause"><p><b class="${first.verdict}">${escaped(cause)}</b> at ${points.length} of ${report.points.length}</p>
<ul>${stretches.map((it) => `<li>${escaped(it)}</li>`).join("")}</ul>
<p>${escaped(first.because ?? "")}</p>
${first.remedy === null ? "" : `<p>→ ${escaped(first.remedy)}</p>`}
<pre>${escaped(first.reproduce)}</pre></div>`;
}

function rowOf({ name, where, verdict, repeated, lost }: PointResult): string {
  const cells = [name, where, verdict, repeated.join(", "), lost.join(", ")].map(escaped);
  return `<tr class="${verdict}">${cells.map((it) => `<td>${it}</td>`).join("")}</tr>`;
}

function key(): string {
  const cells = [
    ["holds", "·", "kept"],
    ["violated", "L", "lost, torn or never answered"],
    ["violated", "R", "done twice"],
    ["inconclusive", "?", "inconclusive"],
  ] as const;
  const marks = cells.map(([kind, letter, word]) => `<b class="${kind}">${letter}</b> ${word}`);
  return `${marks.join(" · ")} · <b>d</b> statement · <b>m</b> model call · <b>t</b> tool call · <b>│</b> the reply`;
}

function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (it) => names[it] ?? it);
}
