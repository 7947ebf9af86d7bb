/** junit.xml: a suite per scenario, a case per service. An expected violation is a passed case. */
import { formatService } from "../history/case-name.ts";
import { stripVTControlCharacters } from "node:util";
import { acceptedPhrase, describeResult, surprisePhrase } from "./describe-result.ts";
import { casesOf, isSurprise, isUndecided, stalePhrase } from "./phrases.ts";
import type { NotRun, Result, RunReport } from "./result.ts";

export function junitXml(report: RunReport): string {
  const scenarios = new Set([...report.results, ...report.notRun].map((of) => of.scenario));
  const suites = [...scenarios].map((scenario) => suite(report, scenario));
  if (report.stale.length > 0) suites.push(baseline(report));
  const counts = countsOf(report.results, report.notRun, report.stale);
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
  const cases = casesOf(report).filter(({ result }) => result.scenario === scenario);
  const results = cases.map(({ result }) => result);
  const notRun = report.notRun.filter((skipped) => skipped.scenario === scenario);
  const time = inSeconds(results.reduce((sum, result) => sum + result.durationMs, 0));
  const about = { ...countsOf(results, notRun), time, timestamp: report.startedAt };
  const properties: [string, string][] = [
    ["seed", String(report.seed)],
    ["command", report.command],
    ["commit", report.commit ?? "none"],
    ...results.slice(0, 1).map(({ claim }): [string, string] => ["claim", claim]),
    ...Object.entries(report.versions).map(([name, version]): [string, string] => [
      `version.${name}`,
      version,
    ]),
  ];
  return [
    `  <testsuite name="${escaped(scenario)}"${attributes(about)}>`,
    ...listed("    ", properties),
    ...cases.flatMap(({ result, name }) => judged(result, name)),
    ...notRun.flatMap(skipped),
    "  </testsuite>",
  ];
}

/** Stale baseline entries are failures, because they fail the run. */
function baseline({ stale, startedAt }: RunReport): string[] {
  const about = { ...countsOf([], [], stale), time: "0.000", timestamp: startedAt };
  return [
    `  <testsuite name="baseline"${attributes(about)}>`,
    ...stale.flatMap((entry) => [
      `    <testcase${attributes({ name: entry, classname: "baseline", time: "0.000" })}>`,
      `      <failure${attributes({ type: "stale", message: stalePhrase(entry) })}/>`,
      "    </testcase>",
    ]),
    "  </testsuite>",
  ];
}

/** The `<properties>` element; empty without properties. */
function listed(indent: string, properties: readonly (readonly [string, string])[]): string[] {
  const lines = properties.map(
    ([name, value]) => `  <property name="${escaped(name)}" value="${escaped(value)}"/>`,
  );
  const all = lines.length === 0 ? [] : ["<properties>", ...lines, "</properties>"];
  return all.map((line) => `${indent}${line}`);
}

function judged(result: Result, name: string): string[] {
  const about = { name, classname: result.scenario, time: inSeconds(result.durationMs) };
  const figures = result.figures.flatMap((figure): [string, string][] => [
    [figure.name, String(figure.measured)],
    ...(figure.allowed === null
      ? []
      : [[`${figure.name}.allowed`, String(figure.allowed)] as [string, string]]),
  ]);
  const body = [...listed("      ", figures), ...surprise(result), ...output(result)];
  if (body.length === 0) return [`    <testcase${attributes(about)}/>`];
  return [`    <testcase${attributes(about)}>`, ...body, "    </testcase>"];
}

/**
 * An inconclusive run is an <error>, by which JUnit means that the test itself could not run. CI
 * systems show it in red like a failure, but count it separately.
 */
function surprise(result: Result): string[] {
  if (result.asExpected) return [];
  const tag = isUndecided(result) ? "error" : "failure";
  const type = isUndecided(result) ? "inconclusive" : (result.diagnoses[0]?.kind ?? "unexpected");
  const text = `${describeResult(result)}\n\nreproduce: ${result.reproduce}`;
  const about = attributes({ type, message: surprisePhrase(result) });
  return [`      <${tag}${about}>${escaped(text)}</${tag}>`];
}

function output(result: Result): string[] {
  if (!result.asExpected || result.verdict.kind === "holds") return [];
  const text = `${acceptedPhrase(result)}\n\n${describeResult(result)}`;
  return [`      <system-out>${escaped(text)}</system-out>`];
}

function skipped(of: NotRun): string[] {
  const name = `${formatService(of)}${of.checker === undefined ? "" : `: ${of.checker}`}`;
  return [
    `    <testcase${attributes({ name, classname: of.scenario, time: "0.000" })}>`,
    `      <skipped${attributes({ message: of.reason })}/>`,
    "    </testcase>",
  ];
}

function countsOf(
  results: readonly Result[],
  notRun: readonly NotRun[],
  stale: readonly string[] = [],
): Record<string, string> {
  return {
    tests: String(results.length + notRun.length + stale.length),
    failures: String(results.filter(isSurprise).length + stale.length),
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

/** For attributes and text. XML 1.0 forbids control characters except tab and line break. */
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
