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
  /** The width of the terminal; 80 if unknown. */
  readonly columns: number;
  /** False without a terminal, or with NO_COLOR. */
  readonly color: boolean;
  /** The folder of the reports; null: no reports were written. */
  readonly folder: string | null;
}

/** Causes first, the matrix near the end, because the end of the output is on the screen. */
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
    heading("What broke as expected: causes and remedies", columns, style),
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
      lines.push(
        `   fault     ${name} ${bite.bit ? "took effect" : "had no effect"}: ${bite.what}`,
      );
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

/** How memory was visible, and how threads recovered. Cases with the same phrase share a line. */
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
  return [heading("Visibility and recovery", columns, style), "", ...lines].join("\n");
}

function labelOf(result: Result): string {
  return `${result.scenario} × ${formatService(result)}`;
}

/** The highest figures, whatever the verdicts: a comparison of two runs shows the trend. */
function measuredSection(report: RunReport, columns: number, style: Style): string {
  const lines = highestFigures(report).map((highest) => {
    const text = highestPhrase(highest);
    return exceeds(highest.figure)
      ? ` ${style("red", `${markOf.violated} ${text}`)}`
      : `   ${text}`;
  });
  return lines.length === 0
    ? ""
    : [heading("Highest measured values", columns, style), "", ...lines].join("\n");
}

/** The cases that did not run: for each target the reasons, and how to change that. */
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
  return [heading("Not run", columns, style), "", ...lines].join("\n");
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
