/** The table for few services: a line per scenario with its claim, a column per service. */
import { formatService } from "../history/case-name.ts";
import { cellOf } from "./matrix.ts";
import { allCases, shortServiceOf } from "./phrases.ts";
import type { Result, RunReport } from "./result.ts";
import { cut, type Style, wrap } from "./style.ts";

/** `brief`: scenarios that hold on all services share a line. */
export function scenarioLines(
  report: RunReport,
  { columns, style, brief }: { columns: number; style: Style; brief: boolean },
): string[] {
  const services = [...new Set(report.results.map(formatService))];
  const scenarios = [...Map.groupBy(report.results, ({ scenario }) => scenario)];
  const isCalm = ([, results]: (typeof scenarios)[number]) =>
    brief && results.every((it) => it.asExpected && it.verdict.kind === "holds");
  const rows = scenarios.filter((it) => !isCalm(it));
  const calm = scenarios.filter(isCalm).map(([name]) => name);
  const cells = rows.map(([, results]) => services.map((it) => cellFor(results, it)));
  const widths = services.map((_, i) => Math.max(...cells.map((row) => row[i]?.text.length ?? 1)));
  const label = Math.max(0, ...rows.map(([name]) => name.length));
  const left = widths.reduce((sum, width) => sum + width + 1, 1);
  const lines = rows.map(([name, results], row) => {
    const marks = cells[row]?.map(({ text, paint }, i) =>
      style(paint, text.padEnd(widths[i] ?? 1)),
    );
    const claim = cut(results[0]?.claim ?? "", columns - left - label - 3);
    return ` ${marks?.join(" ")} ${style("bold", name.padEnd(label))}  ${claim}`;
  });
  const held = calm.length === 0 ? [] : wrap(`✔ hold: ${calm.join(", ")}`, columns - 2);
  return [...heads(report, widths, style), ...lines, ...held.map((line) => ` ${line}`)];
}

/** The heads of the columns; a single service needs none. */
function heads(report: RunReport, widths: readonly number[], style: Style): string[] {
  if (widths.length < 2) return [];
  const short = shortServiceOf(allCases(report));
  const names = new Set(report.results.map(short));
  const bars = widths.map((width) => style("dim", "│".padEnd(width + 1)));
  return [...names].map(
    (name, i) => ` ${bars.slice(0, i).join("")}${style("dim", "┌")} ${style("bold", name)}`,
  );
}

function cellFor(results: readonly Result[], service: string) {
  const own = results.filter((it) => formatService(it) === service);
  // With --runs a pair has several results. If one is a surprise, the cell shows it.
  const result = own.find((it) => !it.asExpected) ?? own[0];
  return result === undefined ? { text: "·", paint: "dim" as const } : cellOf(result);
}
