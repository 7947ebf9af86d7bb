/** The table for many services: a line per service, with its causes and their scenarios. */
import { formatService } from "../history/case-name.ts";
import { type GroupedCause, groupedCauses, surprisingCauses } from "./grouped-causes.ts";
import { allCases, shortServiceOf } from "./phrases.ts";
import type { Result, RunReport } from "./result.ts";
import { cut, type Style, wrap } from "./style.ts";

interface ListOptions {
  readonly columns: number;
  readonly style: Style;
  /** `cut`: one line per service. `brief`: services that met all expectations share a line. */
  readonly rows: "whole" | "cut" | "brief";
}

export function serviceLines(report: RunReport, { columns, style, rows }: ListOptions): string[] {
  const short = shortServiceOf(allCases(report));
  const services = [...Map.groupBy(report.results, formatService).values()];
  const shown = services.filter((own) => rows !== "brief" || own.some((it) => !it.asExpected));
  const names = services.filter((own) => !shown.includes(own)).map(([it]) => it && short(it));
  const label = Math.max(0, ...shown.map(([it]) => (it === undefined ? 0 : short(it).length)));
  const causes = Map.groupBy(
    [...surprisingCauses(report), ...groupedCauses(report)],
    formatService,
  );
  const lines = shown.flatMap((own) => {
    const [one] = own;
    if (one === undefined) return [];
    const text = rowText(own, causes.get(formatService(one)) ?? []);
    const room = columns - label - 6;
    const [first = "", ...more] = rows === "cut" ? [cut(text, room)] : wrap(text, room);
    const indent = " ".repeat(label + 5);
    const head = `${markFor(own, style)} ${style("bold", short(one).padEnd(label))}`;
    return [` ${head}  ${first}`, ...more.map((line) => indent + line)];
  });
  const calm = names.length === 0 ? [] : wrap(`as expected: ${names.join(", ")}`, columns - 2);
  return [...lines, ...calm.map((line) => ` ${style("dim", line)}`)];
}

function markFor(results: readonly Result[], style: Style): string {
  if (results.some((it) => !it.asExpected)) return style(["bold", "red"], "!");
  const holds = results.every((it) => it.verdict.kind === "holds");
  return holds ? style("green", "✔") : style("yellow", "✘");
}

/** "split-brain (round-robin, restart); amnesia (restart)" or "keeps all 23". */
function rowText(results: readonly Result[], causes: readonly GroupedCause[]): string {
  const held = results.filter((it) => it.verdict.kind === "holds").length;
  const surprises = results.filter((it) => !it.asExpected).length;
  const kept = held === results.length ? `keeps all ${held}` : `keeps ${held} of ${results.length}`;
  return [
    ...(surprises > 0 ? [`${surprises} NOT AS EXPECTED`] : []),
    ...(held > 0 ? [kept] : []),
    ...causes.map(({ kind, scenarios }) => `${kind} (${scenarios.join(", ")})`),
  ].join("; ");
}
