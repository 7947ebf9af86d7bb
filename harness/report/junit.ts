/** junit.xml: a suite per scenario, a case per service. An expected violation is a passing case. */
import { stripVTControlCharacters } from "node:util";
import { causeLines } from "./cause.ts";
import { inkOf } from "./ink.ts";
import { expectedPhrase, isSurprise, isUndecided, seenPhrase, serviceOf } from "./phrases.ts";
import type { NotRun, Result, RunReport } from "./report.ts";
import { readable } from "./turn-names.ts";

export function junitXml(report: RunReport): string {
  const scenarios = new Set([...report.results, ...report.notRun].map((of) => of.scenario));
  const suites = [...scenarios].map((scenario) => suite(report, scenario));
  const counts = countsOf(report.results, report.notRun);
  const time = inSeconds(report.durationMs);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="threadproof"${attributes({ ...counts, time })}>`,
    ...suites.flat(),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(report: RunReport, scenario: string): string[] {
  const results = report.results.filter((result) => result.scenario === scenario);
  const notRun = report.notRun.filter((skipped) => skipped.scenario === scenario);
  const time = inSeconds(results.reduce((sum, result) => sum + result.durationMs, 0));
  const about = { ...countsOf(results, notRun), time, timestamp: report.startedAt };
  const properties = {
    seed: String(report.seed),
    command: report.command,
    commit: report.commit ?? "none",
    ...(results[0] ? { claim: results[0].claim } : {}),
    ...Object.fromEntries(
      Object.entries(report.versions).map(([name, version]) => [`version.${name}`, version]),
    ),
  };
  return [
    `  <testsuite name="${escaped(scenario)}"${attributes(about)}>`,
    "    <properties>",
    ...Object.entries(properties).map(
      ([name, value]) => `      <property name="${escaped(name)}" value="${escaped(value)}"/>`,
    ),
    "    </properties>",
    ...results.flatMap((result, i) => judged(result, results.slice(0, i))),
    ...notRun.flatMap(skipped),
    "  </testsuite>",
  ];
}

/** With --repeat a service comes several times, and CI systems tell cases apart by name alone. */
function judged(result: Result, before: readonly Result[]): string[] {
  const earlier = before.filter((other) => serviceOf(other) === serviceOf(result)).length;
  const name = `${serviceOf(result)}${earlier > 0 ? ` (${earlier + 1})` : ""}`;
  const about = { name, classname: result.scenario, time: inSeconds(result.durationMs) };
  const body = [...surprise(result), ...output(result)];
  if (body.length === 0) return [`    <testcase${attributes(about)}/>`];
  return [`    <testcase${attributes(about)}>`, ...body, "    </testcase>"];
}

/**
 * A run that could not be judged is an <error>: CI systems show it in red as they do a failure, but
 * count it apart, and JUnit means by it that the test itself did not get through.
 */
function surprise(result: Result): string[] {
  if (result.asExpected) return [];
  const tag = isUndecided(result) ? "error" : "failure";
  const type = isUndecided(result) ? "inconclusive" : (result.diagnosis?.kind ?? "unexpected");
  const message = `expected ${expectedPhrase(result.expected)}, seen ${seenPhrase(result)}`;
  const text = `${story(result)}\n\nrepeat: ${result.repeat}`;
  return [`      <${tag}${attributes({ type, message })}>${escaped(text)}</${tag}>`];
}

function output(result: Result): string[] {
  if (!result.asExpected || result.verdict.kind === "holds") return [];
  const text = `as expected, ${seenPhrase(result)}\n\n${story(result)}`;
  return [`      <system-out>${escaped(text)}</system-out>`];
}

function story(result: Result): string {
  const plain = inkOf(false);
  const causes = result.diagnoses.map((diagnosis) => {
    const leading = diagnosis.kind === result.diagnosis?.kind;
    return [diagnosis.kind, ...causeLines(result, diagnosis, leading, 120, plain)].join("\n");
  });
  const bites = result.faults
    .filter(({ bite }) => !bite.bit)
    .map(({ name, bite }) => `${name} bit nothing: ${bite.what}`);
  return [...(causes.length > 0 ? causes : [readable(result.verdict.because)]), ...bites].join(
    "\n\n",
  );
}

function skipped(of: NotRun): string[] {
  const name = `${serviceOf(of)}${of.checker === undefined ? "" : `: ${of.checker}`}`;
  return [
    `    <testcase${attributes({ name, classname: of.scenario, time: "0.000" })}>`,
    `      <skipped${attributes({ message: of.reason })}/>`,
    "    </testcase>",
  ];
}

function countsOf(results: readonly Result[], notRun: readonly NotRun[]): Record<string, string> {
  return {
    tests: String(results.length + notRun.length),
    failures: String(results.filter(isSurprise).length),
    errors: String(results.filter(isUndecided).length),
    skipped: String(notRun.length),
  };
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function attributes(of: Readonly<Record<string, string>>): string {
  return Object.entries(of)
    .map(([name, value]) => ` ${name}="${escaped(value).replaceAll("\n", "&#10;")}"`)
    .join("");
}

/** For attributes and text alike. XML 1.0 has no control characters but tab and line break. */
function escaped(text: string): string {
  return stripVTControlCharacters(text)
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
