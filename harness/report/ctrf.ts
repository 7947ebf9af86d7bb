/**
 * ctrf.json: the Common Test Report Format (https://ctrf.io). It has a test per result, and one per
 * scenario or checker that did not run. An expected violation is a passed test.
 */
import { formatService } from "../history/case-name.ts";
import type { CTRFReport, Test } from "ctrf";
import { describeResult, acceptedPhrase, surprisePhrase } from "./describe-result.ts";
import { casesOf, isUndecided, stalePhrase } from "./phrases.ts";
import type { NotRun, Result, RunReport } from "./result.ts";

export function ctrfJson(report: RunReport): string {
  const start = Date.parse(report.startedAt);
  const stop = start + Math.round(report.durationMs);
  const tests = [
    ...casesOf(report).map(judged),
    ...report.notRun.map(skipped),
    ...report.stale.map(stale),
  ];
  const count = (status: Test["status"]): number =>
    tests.filter((test) => test.status === status).length;
  const document: CTRFReport = {
    reportFormat: "CTRF",
    specVersion: "0.0.0",
    timestamp: new Date(stop).toISOString(),
    generatedBy: "threadproof",
    results: {
      tool: { name: "threadproof", extra: { versions: report.versions } },
      summary: {
        tests: tests.length,
        passed: count("passed"),
        failed: count("failed"),
        skipped: count("skipped"),
        pending: 0,
        // An inconclusive result has neither passed nor failed.
        other: count("other"),
        suites: new Set(tests.flatMap((test) => test.suite ?? [])).size,
        start,
        stop,
        duration: stop - start,
      },
      tests,
      ...(report.commit === null ? {} : { environment: { commit: report.commit } }),
      extra: { seed: report.seed, command: report.command },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function judged({ result, name }: { result: Result; name: string }): Test {
  const { scenario, target, variant, backend, verdict, expected, asExpected } = result;
  const quiet = asExpected && verdict.kind === "holds";
  return {
    name: `${scenario} × ${name}`,
    status: asExpected ? "passed" : isUndecided(result) ? "other" : "failed",
    rawStatus: verdict.kind,
    duration: Math.round(result.durationMs),
    suite: [scenario],
    ...(quiet
      ? {}
      : {
          message: asExpected ? acceptedPhrase(result) : surprisePhrase(result),
          trace: describeResult(result),
        }),
    labels: { target, ...(variant === null ? {} : { variant }), backend },
    extra: {
      claim: result.claim,
      expected,
      checker: result.checker,
      diagnoses: result.diagnoses.map(({ kind, remedy }) => ({ kind, remedy })),
      figures: result.figures,
      reproduce: result.reproduce,
    },
  };
}

function skipped(of: NotRun): Test {
  const checker = of.checker === undefined ? "" : ` (${of.checker})`;
  return {
    name: `${of.scenario} × ${formatService(of)}${checker}`,
    status: "skipped",
    duration: 0,
    suite: [of.scenario],
    message: of.reason,
    labels: { target: of.target, ...(of.variant === null ? {} : { variant: of.variant }) },
  };
}

/** A stale entry is a failed test, because it fails the run. */
function stale(entry: string): Test {
  const name = `baseline: ${entry}`;
  const message = stalePhrase(entry);
  return { name, status: "failed", duration: 0, suite: ["baseline"], message };
}
