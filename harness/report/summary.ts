/** summary.md: the run for a pull request or a GitHub job summary. */
import { formatService } from "../history/case-name.ts";
import { acceptedBecause } from "./describe-result.ts";
import { causeLines } from "./diagnosis-text.ts";
import { exceeds, highestFigures, highestPhrase } from "./figures.ts";
import { styleFor } from "./style.ts";
import {
  expectedPhrase,
  isUndecided,
  ladderCell,
  markOf,
  hasSeveralTargets,
  notRunByTarget,
  reproduceCommand,
  seconds,
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

/** GitHub rejects a step's summary above 1 MiB completely. */
export const githubLimit = 1_048_576;

/** `maxBytes`: the rest of GitHub's limit if the file already has content. */
export function summaryMarkdown(report: RunReport, maxBytes = githubLimit): string {
  const parts = [
    headline(report),
    // Shares of the limit, so that no section crowds out the others. A tenth is reserve.
    section("Not as expected", surprises(report), maxBytes * 0.3),
    section("Scenarios", [summaryTable(report, maxBytes * 0.3)], maxBytes * 0.35),
    section("What broke as expected", causes(report), maxBytes * 0.18),
    section("Highest measured values", measured(report), maxBytes * 0.02),
    section("Not run", skipped(report), maxBytes * 0.05),
    `Reproduce with ${code(reproduceCommand(report))}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** A row per scenario and service: expectation, verdict, diagnosis and ladder. */
export function summaryTable(report: RunReport, maxBytes = githubLimit): string {
  const service = shortServiceOf(allCases(report));
  const rows = report.results.map((result) =>
    [
      plain(result.scenario),
      plain(service(result)),
      `${markOf[result.expected.kind]} ${result.expected.kind}`,
      seenCell(result),
      plain(result.diagnoses.map((diagnosis) => diagnosis.kind).join(", ")),
      ladderCell(result.ladder),
    ].join(" | "),
  );
  const { kept, left } = fitting(rows, maxBytes);
  return [
    "| scenario | service | expected | seen | diagnosis | ladder |",
    "| --- | --- | --- | --- | --- | --- |",
    ...kept.map((row) => `| ${row} |`),
    ...(left > 0 ? ["", `${left} more rows in result.json.`] : []),
  ].join("\n");
}

function seenCell(result: Result): string {
  const seen = `${markOf[result.verdict.kind]} ${result.verdict.kind}`;
  return result.asExpected ? seen : `**${seen}: not as expected**`;
}

function headline(report: RunReport): string {
  const sign = { 0: "✅", 1: "❌", 2: "⚠️", 3: "❌" }[exitCode(report)];
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    `started ${report.startedAt}`,
    ...(report.commit === null ? [] : [`commit ${report.commit}`]),
    ...versions,
  ];
  const stale = report.stale.map((entry) => `- ${plain(stalePhrase(entry))}\n`);
  return `## ${sign} threadproof: ${totalsLine(report)}\n\n${plain(facts.join(" · "))}\n${
    stale.length > 0 ? `\n${stale.join("")}` : ""
  }`;
}

function surprises(report: RunReport): string[] {
  return report.results
    .filter((result) => !result.asExpected)
    .map((result) => {
      const bites = result.faults.map(
        ({ name, bite }) =>
          `- fault: ${plain(name)} ${bite.bit ? "took effect" : "had no effect"}: ${plain(bite.what)}`,
      );
      return [
        `#### ${markOf[result.verdict.kind]} ${plain(`${result.scenario} × ${formatService(result)}`)}`,
        "",
        `- claim: ${plain(result.claim)}`,
        `- expected: ${plain(expectedPhrase(result.expected))}`,
        `- seen: ${plain(seenPhrase(result))}`,
        ...(result.diagnoses.length === 0
          ? [`- because: ${plain(readable(result.verdict.because))}`]
          : []),
        ...(isUndecided(result) ? bites : []),
        `- took ${seconds(result.durationMs)}; reproduce with ${code(result.reproduce)}`,
        ...result.diagnoses.flatMap((diagnosis) => [
          "",
          `**${plain(diagnosis.kind)}**`,
          fenced(
            causeLines(result, diagnosis, diagnosis.kind === result.diagnoses[0]?.kind, 110, noInk),
          ),
        ]),
      ].join("\n");
    });
}

const noInk = styleFor(false);

function causes(report: RunReport): string[] {
  const short = shortServiceOf(allCases(report));
  return groupedCauses(report).map(({ result, diagnosis, leading, scenarios }) => {
    const accepted = acceptedBecause(result);
    const where = `in ${scenarios.join(", ")}${accepted === null ? "" : `; ${accepted}`}`;
    return [
      `**${plain(`${short(result)}: ${diagnosis.kind}`)}** ${plain(where)}`,
      fenced(causeLines(result, diagnosis, leading, 110, noInk)),
    ].join("\n");
  });
}

function skipped(report: RunReport): string[] {
  const several = hasSeveralTargets(allCases(report));
  return notRunByTarget(report).flatMap(([target, reasons]) =>
    reasons.map(({ reason, what }) => {
      const who = several ? `**${plain(target)}**: ` : "";
      return `- ${who}${plain(what.join(", "))}: ${plain(reason)}`;
    }),
  );
}

function measured(report: RunReport): string[] {
  return highestFigures(report).map((highest) => {
    const mark = exceeds(highest.figure) ? `${markOf.violated} ` : "";
    return `- ${mark}${plain(highestPhrase(highest))}`;
  });
}

function section(title: string, blocks: readonly string[], maxBytes: number): string {
  if (blocks.length === 0) return "";
  const { kept, left } = fitting(blocks, maxBytes);
  const note =
    left > 0 ? [`${left} more in result.json: GitHub limits the size of this summary.`] : [];
  const list = blocks[0]?.startsWith("- ") ? "\n" : "\n\n";
  return `### ${title}\n\n${[...kept, ...note].join(list)}\n`;
}

/** The first blocks that fit, and the number of the others. */
function fitting(blocks: readonly string[], maxBytes: number): { kept: string[]; left: number } {
  let bytes = 0;
  const kept: string[] = [];
  for (const block of blocks) {
    bytes += Buffer.byteLength(block) + 8;
    if (bytes > maxBytes) break;
    kept.push(block);
  }
  return { kept, left: blocks.length - kept.length };
}

/** Escapes text for Markdown and puts it on one line. A pipe, for example, would end a cell. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_<>|[\]~]/g, "\\$&").replaceAll(/\s+/g, " ");
}

/** Inline code. The fence is longer than any run of backticks inside. */
function code(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const pad = fence.length > 1 ? " " : "";
  return `${fence}${pad}${text.replaceAll(/\s+/g, " ")}${pad}${fence}`;
}

function fenced(lines: readonly string[]): string {
  const text = lines.map((line) => line.replace(/^ {3}/, "")).join("\n");
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
}
