import { validateStrict } from "ctrf";
import type { CTRFReport } from "ctrf";
import { describe, expect, test } from "vitest";
import { ctrfJson } from "./ctrf.ts";
import type { RunReport } from "./result.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";

/** Throws if the published schema rejects the report. */
function parsed(report: RunReport): CTRFReport {
  const value: unknown = JSON.parse(ctrfJson(report));
  validateStrict(value);
  return value;
}

describe("ctrf.json", () => {
  test("the published schema accepts it, and rejects an invalid one", () => {
    const value = parsed(surprising);
    const [first] = value.results.tests;
    const wrong = { ...value, results: { ...value.results, tests: [{ ...first, status: "ok" }] } };
    expect(() => validateStrict(wrong)).toThrow("status");
    expect(value).toMatchObject({
      reportFormat: "CTRF",
      results: {
        tool: { name: "threadproof" },
        environment: { commit: "950b4e1" },
        summary: {
          tests: 14,
          passed: 10,
          failed: 1,
          other: 1,
          skipped: 2,
          pending: 0,
          suites: 5,
          start: Date.parse(sample.startedAt),
          duration: 31_235,
        },
      },
    });
    parsed({ ...sample, commit: null, results: [], notRun: [] });
  });

  test("an expected violation passed, a surprise failed, and an inconclusive result did neither", () => {
    const { tests } = parsed(surprising).results;
    const one = (name: string) => tests.find((it) => it.name === name);
    expect(one("restart × reference/memory-saver")).toMatchObject({
      status: "passed",
      rawStatus: "violated",
      message: "as expected, violated by remembers-everything: amnesia",
      suite: ["restart"],
    });
    expect(one("round-robin × reference/bare-pool")).toMatchObject({
      status: "failed",
      rawStatus: "violated",
      message: "expected holds, seen violated by remembers-everything: stale-read",
      trace: expect.stringContaining("→ Read threads from the primary database"),
    });
    expect(one("kill-mid-graph × reference/bare-pool")).toMatchObject({
      status: "other",
      rawStatus: "inconclusive",
    });
    expect(one("restart × reference/no-setup")).toMatchObject({
      status: "skipped",
      message: expect.stringContaining('the target lacks "state"'),
    });
  });

  test("no test is flaky, because a run is judged once", () => {
    const { tests, summary } = parsed(surprising).results;
    expect(summary).not.toHaveProperty("flaky");
    expect(tests.filter((it) => it.flaky !== undefined || it.retries !== undefined)).toEqual([]);
  });

  test("a test has its figures with their limits", () => {
    const figures = [{ name: "growth.rowsPerTurn", measured: 21.5, allowed: 20 }];
    const results = sample.results.slice(0, 1).map((result) => ({ ...result, figures }));
    expect(parsed({ ...sample, results }).results.tests[0]).toMatchObject({ extra: { figures } });
  });

  test("a stale baseline entry is a failed test", () => {
    const { tests, summary } = parsed({ ...sample, stale: ["restart/mine"] }).results;
    expect(summary.failed).toBe(1);
    expect(tests.at(-1)).toMatchObject({ name: "baseline: restart/mine", status: "failed" });
  });

  test("repeated runs of one pair have different names", () => {
    const results = [...sample.results.slice(0, 1), ...sample.results.slice(0, 1)];
    const names = parsed({ ...sample, results, notRun: [] }).results.tests.map((it) => it.name);
    expect(names).toEqual(["round-robin × reference", "round-robin × reference (2)"]);
  });
});
