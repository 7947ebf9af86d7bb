/**
 * The whole run as one matrix: a row per service, a column per scenario. Cells are single marks, so
 * that it fits into 80 columns. The claims are above their columns, the causes behind their rows.
 */
import { formatService } from "../history/case-name.ts";
import { cut, wrap } from "./style.ts";
import type { Style } from "./style.ts";
import { isSurprise, isUndecided, markOf, shortServiceOf, allCases } from "./phrases.ts";
import type { NotRun, Result, RunReport } from "./result.ts";

/** With more scenarios than this, the text does not fit, and a second matrix follows. */
const scenariosAbreast = 18;

interface Cell {
  readonly text: string;
  readonly paint: Parameters<Style>[0];
}

interface Row {
  readonly name: string;
  readonly results: readonly Result[];
  /** The number of scenarios that did not run on it. */
  readonly skipped: number;
  readonly cells: readonly Cell[];
}

export function matrixText(report: RunReport, columns: number, style: Style): string {
  const lines = [matrixLines(report, columns, style), legend(report, columns, style)];
  return lines.map((it) => it.join("\n")).join("\n\n");
}

/** The matrix without its legend. */
export function matrixLines(report: RunReport, columns: number, style: Style): string[] {
  const claims = new Map<string, string>();
  for (const result of report.results) claims.set(result.scenario, result.claim);
  for (const { scenario, claim } of report.notRun) {
    if (!claims.has(scenario)) claims.set(scenario, `not run: ${claim}`);
  }
  const scenarios = [...claims.keys()];
  const pictures: string[] = [];
  for (let i = 0; i < scenarios.length; i += scenariosAbreast) {
    const abreast = scenarios.slice(i, i + scenariosAbreast);
    pictures.push(...(i > 0 ? [""] : []), ...picture(report, abreast, claims, columns, style));
  }
  return pictures;
}

function picture(
  report: RunReport,
  scenarios: readonly string[],
  claims: ReadonlyMap<string, string>,
  columns: number,
  style: Style,
): string[] {
  const rows = rowsOf(report, scenarios);
  const widths = scenarios.map((_, i) =>
    Math.max(...rows.map((row) => row.cells[i]?.text.length ?? 1)),
  );
  const bars = widths.map((width) => style("dim", "│".padEnd(width + 1)));
  const head = scenarios.map((scenario, i) => {
    const indent = 1 + widths.slice(0, i).reduce((sum, width) => sum + width + 1, 0);
    const claim = cut(claims.get(scenario) ?? "", columns - indent - scenario.length - 4);
    return ` ${bars.slice(0, i).join("")}${style("dim", "┌")} ${style("bold", scenario)}: ${claim}`;
  });
  const label = Math.max(...rows.map((row) => row.name.length));
  const left = 1 + widths.reduce((sum, width) => sum + width + 1, 0);
  const body = rows.flatMap((row) => {
    const cells = row.cells.map((cell, i) =>
      style(cell.paint, cell.text.padEnd(widths[i] ?? 1)).concat(" "),
    );
    const [first = "", ...more] = wrap(storyOf(row), columns - left - label - 4);
    const indent = " ".repeat(left + label + 4);
    return [
      ` ${cells.join("")} ${style("bold", row.name.padEnd(label))}  ${first}`,
      ...more.map((line) => indent + line),
    ];
  });
  return [...head, ...body];
}

function rowsOf(report: RunReport, scenarios: readonly string[]): Row[] {
  const short = shortServiceOf(allCases(report));
  const skippedWhole = report.notRun.filter((skipped) => skipped.checker === undefined);
  const services = new Map<string, Result | NotRun>();
  for (const of of [...report.results, ...skippedWhole]) {
    if (scenarios.includes(of.scenario)) services.set(formatService(of), of);
  }
  return [...services].map(([service, of]) => {
    const results = report.results.filter(
      (result) => formatService(result) === service && scenarios.includes(result.scenario),
    );
    const skipped = skippedWhole.filter(
      (it) => formatService(it) === service && scenarios.includes(it.scenario),
    );
    const cells = scenarios.map((scenario) => {
      const repeated = results.filter((result) => result.scenario === scenario);
      // With --runs a pair has several results. If one is a surprise, the cell shows it.
      const result = repeated.find((one) => !one.asExpected) ?? repeated[0];
      if (result) return cellOf(result);
      return skipped.some((it) => it.scenario === scenario)
        ? { text: "–", paint: "dim" as const }
        : { text: "·", paint: "dim" as const };
    });
    return { name: short(of), results, skipped: skipped.length, cells };
  });
}

export function cellOf(result: Result): Cell {
  const seen = markOf[result.verdict.kind];
  if (!result.asExpected) {
    return { text: `${markOf[result.expected.kind]}→${seen}`, paint: ["bold", "red"] };
  }
  return { text: seen, paint: result.verdict.kind === "holds" ? "green" : "yellow" };
}

/** The summary of a row. */
function storyOf({ results, skipped }: Row): string {
  const held = results.filter((result) => result.verdict.kind === "holds").length;
  const kinds = new Set(
    results.flatMap((result) => result.diagnoses.map((diagnosis) => diagnosis.kind)),
  );
  const surprises = results.filter((result) => isSurprise(result) || isUndecided(result)).length;
  // "All" refers to all scenarios, so it needs every one of them to have run.
  const all = held === results.length && skipped === 0;
  const kept = all ? `keeps all ${held}` : `keeps ${held} of ${results.length}`;
  return [
    ...(surprises > 0 ? [`${surprises} NOT AS EXPECTED`] : []),
    ...(held > 0 ? [kept] : []),
    ...(skipped > 0 ? [results.length === 0 ? "not run" : `${skipped} not run`] : []),
    ...(kinds.size > 0 ? [[...kinds].join(", ")] : []),
  ].join("; ");
}

export function legend(report: RunReport, columns: number, style: Style): string[] {
  const met = report.results.every((result) => result.asExpected);
  const text = [
    "✔ holds, ✘ violated, ? inconclusive, – not run, · not part of this run.",
    met
      ? "Every result is as expected."
      : "One mark: as expected. ✔→✘: expected → seen; the same mark twice: another cause.",
  ].join(" ");
  return wrap(text, columns - 1).map((line) => ` ${style("dim", line)}`);
}
