/** What a person reads in a terminal. Pure: who prints knows the width and whether to colour. */
import { acceptedBecause, recoveryPhrases, sightPhrase } from "./describe-result.ts";
import { causeLines } from "./diagnosis-text.ts";
import { exceeds, highestFigures, highestPhrase } from "./figures.ts";
import { inkOf, wrap } from "./style.ts";
import type { Ink } from "./style.ts";
import { matrixText } from "./matrix.ts";
import {
  expectedPhrase,
  isUndecided,
  markOf,
  hasSeveralTargets,
  notRunByTarget,
  repeatCommand,
  seconds,
  seenPhrase,
  serviceOf,
  shortServiceOf,
  stalePhrase,
  toldOf,
  totalsLine,
} from "./phrases.ts";
import type { NotRun, Result, RunReport } from "./result.ts";
import { exitCode } from "./result.ts";
import { stories } from "./grouped-causes.ts";
import { readable } from "./turn-names.ts";

interface View {
  /** Width of the terminal; 80 where it is not known. */
  readonly columns: number;
  /** False without a terminal, and where NO_COLOR is set: the caller knows. */
  readonly color: boolean;
  /** The folder that the reports were written to; null: none were. */
  readonly folder: string | null;
}

interface LineView extends Pick<View, "color"> {
  /** How a service is called. */
  readonly service: (of: Result | NotRun) => string;
  readonly widths: { readonly scenario: number; readonly service: number };
}

/** One line per scenario and service as it completes, or turns out not to be run. */
export function progressLine(of: Result | NotRun, { color, service, widths }: LineView): string {
  const ink = inkOf(color);
  const name = `${of.scenario.padEnd(widths.scenario)} ${service(of).padEnd(widths.service)}`;
  if ("reason" in of) return ink("dim", `– ${name}         not run: ${of.reason}`);
  const { kind } = of.verdict;
  const kinds = of.diagnoses.map((diagnosis) => diagnosis.kind).join(", ");
  const shade = of.asExpected ? shadeOf[kind] : "red";
  const wrong = `NOT AS EXPECTED: expected ${expectedPhrase(of.expected)}`;
  return [
    ink(shade, markOf[kind]),
    name,
    seconds(of.durationMs).padStart(8),
    ink(shade, kinds === "" ? kind : `${kind}: ${kinds}`),
    of.asExpected
      ? ink("dim", kind === "holds" ? "" : "(as expected)")
      : ink(["bold", "red"], wrong),
  ]
    .join(" ")
    .trimEnd();
}

const shadeOf = { holds: "green", violated: "yellow", inconclusive: "cyan" } as const;

/**
 * Causes first and the picture last, because the end of the output is what is on the screen when
 * the run is over; what was not expected stands nearest to it.
 */
export function finalText(report: RunReport, view: View): string {
  const ink = inkOf(view.color);
  const columns = Math.max(60, view.columns);
  return [
    expectedSection(report, columns, ink),
    surpriseSection(report, columns, ink),
    heading("What each service keeps and breaks", columns, ink),
    matrixText(report, columns, ink),
    backgroundSection(report, columns, ink),
    measuredSection(report, columns, ink),
    notRunSection(report, columns, ink),
    closing(report, view.folder, ink),
  ]
    .filter((section) => section !== "")
    .map((section) => `${section}\n`)
    .join("\n");
}

function heading(title: string, columns: number, ink: Ink): string {
  const line = "─".repeat(Math.max(3, Math.min(columns, 100) - title.length - 4));
  return `${ink("dim", "──")} ${ink("bold", title)} ${ink("dim", line)}`;
}

function expectedSection(report: RunReport, columns: number, ink: Ink): string {
  const all = stories(report);
  if (all.length === 0) return "";
  const short = shortServiceOf(toldOf(report));
  const blocks = all.map((story) => {
    const title = `${short(story.result)}: ${story.diagnosis.kind}`;
    const where = `in ${story.scenarios.join(", ")}`;
    const fits = title.length + where.length + 4 <= columns;
    const heads = fits
      ? [` ${ink(["bold", "yellow"], title)}  ${ink("dim", where)}`]
      : [
          ` ${ink(["bold", "yellow"], title)}`,
          ...wrap(where, columns - 4).map((line) => `   ${ink("dim", line)}`),
        ];
    const accepted = acceptedBecause(story.result);
    if (accepted !== null) {
      heads.push(...wrap(accepted, columns - 4).map((line) => `   ${ink("dim", line)}`));
    }
    return [...heads, ...causeLines(story.result, story.diagnosis, story.leading, columns, ink)];
  });
  return [
    heading("What broke as expected: the cause, and what to change", columns, ink),
    ...(all.some((story) => story.diagnosis.lists) ? [key(columns, ink)] : []),
    "",
    blocks.map((block) => block.join("\n")).join("\n\n"),
  ].join("\n");
}

function key(columns: number, ink: Ink): string {
  const text =
    "A list is what a replica remembered of one conversation, turn by turn: 3 is turn 3 and its " +
    "reply, q3 what was said without a reply, a3 a reply alone, 3b a second reply.";
  return wrap(text, columns - 3)
    .map((line) => `   ${ink("dim", line)}`)
    .join("\n");
}

function surpriseSection(report: RunReport, columns: number, ink: Ink): string {
  const surprises = report.results.filter((result) => !result.asExpected);
  if (surprises.length === 0 && report.stale.length === 0) return "";
  const blocks = surprises.map((result) => surpriseLines(result, columns, ink).join("\n"));
  const stale = report.stale.map(
    (entry) => ` ${ink("red", entry)}${stalePhrase(entry).slice(entry.length)}`,
  );
  return [
    ink("red", heading("Not as expected", columns, ink)),
    "",
    [...blocks, ...(stale.length > 0 ? [stale.join("\n")] : [])].join("\n\n"),
  ].join("\n");
}

function surpriseLines(result: Result, columns: number, ink: Ink): string[] {
  const title = `${result.scenario} × ${serviceOf(result)}`;
  const lines = [
    ` ${ink(["bold", "red"], `${markOf[result.verdict.kind]} ${title}`)}`,
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
    const leading = diagnosis.kind === result.diagnosis?.kind;
    lines.push(
      "",
      `   ${ink("bold", diagnosis.kind)}`,
      ...causeLines(result, diagnosis, leading, columns, ink),
    );
  }
  return [...lines, "", `   repeat    ${result.repeat}`];
}

/** Through what memory was seen, and how threads came back: what many share in one line. */
function backgroundSection(report: RunReport, columns: number, ink: Ink): string {
  const healed = report.results.filter(({ faults }) => faults.length > 0);
  const phrases = [
    ...report.results.map((result) => [sightPhrase(result), labelOf(result)]),
    ...healed.flatMap((result) => recoveryPhrases(result).map((it) => [it, labelOf(result)])),
  ];
  if (phrases.length === 0) return "";
  const lines = [...Map.groupBy(phrases, ([phrase]) => phrase)].flatMap(([phrase, of]) => {
    const names = of.length > 3 ? `${of.length} of ${report.results.length}` : "";
    const what = names || of.map(([, label]) => label).join(", ");
    return wrap(`${phrase}: ${what}`, columns - 2).map((line) => ` ${ink("dim", line)}`);
  });
  return [heading("How it was seen, and how it came back", columns, ink), "", ...lines].join("\n");
}

function labelOf(result: Result): string {
  return `${result.scenario} × ${serviceOf(result)}`;
}

/** What was measured, whatever came of it: between two runs it tells where things are going. */
function measuredSection(report: RunReport, columns: number, ink: Ink): string {
  const lines = highestFigures(report).map((highest) => {
    const text = highestPhrase(highest);
    return exceeds(highest.figure) ? ` ${ink("red", `${markOf.violated} ${text}`)}` : `   ${text}`;
  });
  return lines.length === 0
    ? ""
    : [heading("Measured, at its highest", columns, ink), "", ...lines].join("\n");
}

/** As plain as what was run: for each target, what was not, and what to give for it. */
function notRunSection(report: RunReport, columns: number, ink: Ink): string {
  if (report.notRun.length === 0) return "";
  const several = hasSeveralTargets(toldOf(report));
  const indent = several ? "   " : " ";
  const room = columns - indent.length - 3;
  const lines = notRunByTarget(report).flatMap(([target, reasons]) => [
    ...(several ? [` ${ink("bold", target)}`] : []),
    ...reasons.flatMap(({ reason, what }) => [
      ...wrap(reason, room).map((line) => `${indent}${line}`),
      ...wrap(what.join(", "), room).map((line) => `${indent}  ${ink("dim", line)}`),
    ]),
  ]);
  return [heading("Not run, and why", columns, ink), "", ...lines].join("\n");
}

function closing(report: RunReport, folder: string | null, ink: Ink): string {
  const code = exitCode(report);
  const shade = code === 0 ? "green" : code === 2 ? "yellow" : "red";
  return [
    ` ${ink(["bold", shade], totalsLine(report))}`,
    ...(folder === null ? [] : [` reports  ${folder}`]),
    ` repeat   ${repeatCommand(report)}`,
  ].join("\n");
}
