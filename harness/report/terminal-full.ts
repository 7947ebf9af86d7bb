/** The end of a run in a terminal, with all causes, figures and reasons. */
import { formatService } from "../history/case-name.ts";
import { acceptedBecause, recoveryPhrases, sightPhrase } from "./describe-result.ts";
import { causeKey, causeLines } from "./diagnosis-text.ts";
import { exceeds, highestFigures, highestPhrase } from "./figures.ts";
import { styleFor, wrap } from "./style.ts";
import type { Style } from "./style.ts";
import { matrixText } from "./matrix.ts";
import {
  expectedPhrase,
  isUndecided,
  markOf,
  hasSeveralTargets,
  notRunByTarget,
  reproduceCommand,
  seenPhrase,
  shortServiceOf,
  stalePhrase,
  allCases,
  totalsLine,
} from "./phrases.ts";
import type { Result, RunReport } from "./result.ts";
import { exitCode } from "./result.ts";
import { groupedCauses } from "./grouped-causes.ts";
import { readable } from "./turn-names.ts";

export interface View {
  /** Width of the terminal; 80 where it is not known. */
  readonly columns: number;
  /** False without a terminal, and where NO_COLOR is set. */
  readonly color: boolean;
  /** The folder that the reports were written to; null: none were. */
  readonly folder: string | null;
}

/** Causes first and the matrix last: the end of the output is on the screen after the run. */
export function fullText(report: RunReport, view: View): string {
  const style = styleFor(view.color);
  const columns = Math.max(60, view.columns);
  return [
    expectedSection(report, columns, style),
    surpriseSection(report, columns, style),
    heading("What each service keeps and breaks", columns, style),
    matrixText(report, columns, style),
    backgroundSection(report, columns, style),
    measuredSection(report, columns, style),
    notRunSection(report, columns, style),
    closing(report, view.folder, style),
  ]
    .filter((section) => section !== "")
    .map((section) => `${section}\n`)
    .join("\n");
}

export function heading(title: string, columns: number, style: Style): string {
  const line = "─".repeat(Math.max(3, Math.min(columns, 100) - title.length - 4));
  return `${style("dim", "──")} ${style("bold", title)} ${style("dim", line)}`;
}

function expectedSection(report: RunReport, columns: number, style: Style): string {
  const all = groupedCauses(report);
  if (all.length === 0) return "";
  const short = shortServiceOf(allCases(report));
  const blocks = all.map((story) => {
    const title = `${short(story.result)}: ${story.diagnosis.kind}`;
    const where = `in ${story.scenarios.join(", ")}`;
    const fits = title.length + where.length + 4 <= columns;
    const heads = fits
      ? [` ${style(["bold", "yellow"], title)}  ${style("dim", where)}`]
      : [
          ` ${style(["bold", "yellow"], title)}`,
          ...wrap(where, columns - 4).map((line) => `   ${style("dim", line)}`),
        ];
    const accepted = acceptedBecause(story.result);
    if (accepted !== null) {
      heads.push(...wrap(accepted, columns - 4).map((line) => `   ${style("dim", line)}`));
    }
    return [...heads, ...causeLines(story.result, story.diagnosis, story.leading, columns, style)];
  });
  return [
    heading("What broke as expected: the cause, and what to change", columns, style),
    ...(all.some((story) => story.diagnosis.lists) ? causeKey(columns, style) : []),
    "",
    blocks.map((block) => block.join("\n")).join("\n\n"),
  ].join("\n");
}

function surpriseSection(report: RunReport, columns: number, style: Style): string {
  const surprises = report.results.filter((result) => !result.asExpected);
  if (surprises.length === 0 && report.stale.length === 0) return "";
  const blocks = surprises.map((result) => surpriseLines(result, columns, style).join("\n"));
  const stale = report.stale.map(
    (entry) => ` ${style("red", entry)}${stalePhrase(entry).slice(entry.length)}`,
  );
  return [
    style("red", heading("Not as expected", columns, style)),
    "",
    [...blocks, ...(stale.length > 0 ? [stale.join("\n")] : [])].join("\n\n"),
  ].join("\n");
}

function surpriseLines(result: Result, columns: number, style: Style): string[] {
  const title = `${result.scenario} × ${formatService(result)}`;
  const lines = [
    ` ${style(["bold", "red"], `${markOf[result.verdict.kind]} ${title}`)}`,
    `   claim     ${result.claim}`,
    `   expected  ${expectedPhrase(result.expected)}`,
    `   seen      ${seenPhrase(result)}`,
  ];
  if (result.diagnoses.length === 0) {
    const because = readable(result.verdict.because);
    const [first = "", ...more] = wrap(because, columns - 14);
    lines.push(`   because   ${first}`, ...more.map((line) => `             ${line}`));
  }
  if (isUndecided(result)) {
    for (const { name, bite } of result.faults) {
      lines.push(`   fault     ${name} ${bite.bit ? "bit" : "bit nothing"}: ${bite.what}`);
    }
  }
  for (const diagnosis of result.diagnoses) {
    const leading = diagnosis.kind === result.diagnoses[0]?.kind;
    lines.push(
      "",
      `   ${style("bold", diagnosis.kind)}`,
      ...causeLines(result, diagnosis, leading, columns, style),
    );
  }
  return [...lines, "", `   reproduce ${result.reproduce}`];
}

/** Through what memory was seen, and how threads came back: what many share in one line. */
function backgroundSection(report: RunReport, columns: number, style: Style): string {
  const healed = report.results.filter(({ faults }) => faults.length > 0);
  const phrases = [
    ...report.results.map((result) => [sightPhrase(result), labelOf(result)]),
    ...healed.flatMap((result) => recoveryPhrases(result).map((it) => [it, labelOf(result)])),
  ];
  if (phrases.length === 0) return "";
  const lines = [...Map.groupBy(phrases, ([phrase]) => phrase)].flatMap(([phrase, of]) => {
    const names = of.length > 3 ? `${of.length} of ${report.results.length}` : "";
    const what = names || of.map(([, label]) => label).join(", ");
    return wrap(`${phrase}: ${what}`, columns - 2).map((line) => ` ${style("dim", line)}`);
  });
  return [heading("How it was seen, and how it came back", columns, style), "", ...lines].join(
    "\n",
  );
}

function labelOf(result: Result): string {
  return `${result.scenario} × ${formatService(result)}`;
}

/** What was measured, whatever came of it: between two runs it tells where things are going. */
function measuredSection(report: RunReport, columns: number, style: Style): string {
  const lines = highestFigures(report).map((highest) => {
    const text = highestPhrase(highest);
    return exceeds(highest.figure)
      ? ` ${style("red", `${markOf.violated} ${text}`)}`
      : `   ${text}`;
  });
  return lines.length === 0
    ? ""
    : [heading("Measured, at its highest", columns, style), "", ...lines].join("\n");
}

/** As plain as what was run: for each target, what was not, and what to give for it. */
function notRunSection(report: RunReport, columns: number, style: Style): string {
  if (report.notRun.length === 0) return "";
  const several = hasSeveralTargets(allCases(report));
  const indent = several ? "   " : " ";
  const room = columns - indent.length - 3;
  const lines = notRunByTarget(report).flatMap(([target, reasons]) => [
    ...(several ? [` ${style("bold", target)}`] : []),
    ...reasons.flatMap(({ reason, what }) => [
      ...wrap(reason, room).map((line) => `${indent}${line}`),
      ...wrap(what.join(", "), room).map((line) => `${indent}  ${style("dim", line)}`),
    ]),
  ]);
  return [heading("Not run, and why", columns, style), "", ...lines].join("\n");
}

function closing(report: RunReport, folder: string | null, style: Style): string {
  const code = exitCode(report);
  const shade = code === 0 ? "green" : code === 2 ? "yellow" : "red";
  return [
    ` ${style(["bold", shade], totalsLine(report))}`,
    ...(folder === null ? [] : [` reports  ${folder}`]),
    ` again    ${reproduceCommand(report)}`,
  ].join("\n");
}
