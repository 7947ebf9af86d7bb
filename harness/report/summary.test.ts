import { describe, expect, test } from "vitest";
import type { Result, RunReport } from "./result.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";
import { summaryMarkdown, summaryTable } from "./summary.ts";

const [first] = sample.results;
if (!first) throw new Error("the sample has no results");
const one: Result = first;

describe("summary.md", () => {
  test("shows expectation, verdict and diagnosis in its table", () => {
    const rows = summaryTable({ ...surprising, results: surprising.results.slice(4, 7) });
    expect(rows).toMatchInlineSnapshot(`
      "| scenario | service | expected | seen | diagnosis | ladder |
      | --- | --- | --- | --- | --- | --- |
      | double-text | reference | ✔ holds | ✔ holds |  | keeps linearizable |
      | round-robin | memory-saver | ✘ violated | ✘ violated | split-brain | keeps no-lost-turns, breaks one-history |
      | restart | memory-saver | ✘ violated | ✘ violated | amnesia | keeps integrity, breaks no-lost-turns |"
    `);
  });

  test("shows surprises first, with the command that repeats them", () => {
    const text = summaryMarkdown(surprising);
    expect(text.indexOf("### Not as expected")).toBeLessThan(text.indexOf("### Scenarios"));
    expect(text).toContain(
      "reproduce with `threadproof run round-robin --target reference --variant bare-pool --seed 7`",
    );
    expect(summaryMarkdown(sample)).not.toContain("Not as expected");
  });

  test("lists the cases that did not run with their reasons, and the command with its seed", () => {
    const text = summaryMarkdown(sample);
    expect(text).toContain('the target lacks "state"');
    expect(text).toContain("Reproduce with `npx threadproof run --seed 7`");
  });

  test("shows the figures, and names the target of a case that did not run", () => {
    const figures = [{ name: "growth.rowsPerTurn", measured: 2, allowed: 1 }];
    const [skipped] = sample.notRun;
    if (!skipped) throw new Error("the sample was run whole");
    const notRun = [{ ...skipped, target: "faq_bot", variant: null }];
    const text = summaryMarkdown({ ...sample, results: [{ ...one, figures }], notRun });
    expect(text).toContain(
      "\n- ✘ reference: growth.rowsPerTurn 2, at most 1 promised (round-robin)",
    );
    expect(text).toContain("\n- **faq\\_bot**: restart: the target lacks");
  });

  test("keeps its cells intact for any name", () => {
    const results = [{ ...one, scenario: "a|b\nc `d` <e> \\|" }];
    const [, , row] = summaryTable({ ...sample, results }).split("\n");
    expect(row).toBe(
      "| a\\|b c \\`d\\` \\<e\\> \\\\\\| | reference | ✔ holds | ✔ holds |  | keeps linearizable |",
    );
  });

  test("fences output that contains a fence", () => {
    const diagnosis = { kind: "odd", because: "it printed ```` and more", remedy: "do not" };
    const results: Result[] = [{ ...one, diagnoses: [diagnosis] }];
    expect(summaryMarkdown({ ...sample, results })).toContain("`````text\n");
  });

  test.each([1_048_576, 20_000])("stays below %d bytes, however long the run", (limit) => {
    const results = Array.from({ length: 400 }, () => surprising.results).flat();
    const skipped = Array.from({ length: 4_000 }, (_, i) => ({
      scenario: "s",
      claim: "it keeps every message",
      target: "t",
      variant: null,
      reason: `reason ${i} ${"x".repeat(100)}`,
    }));
    const report: RunReport = { ...surprising, results, notRun: skipped };
    const text = summaryMarkdown(report, limit);
    expect(Buffer.byteLength(text)).toBeLessThan(limit);
    expect(text).toContain("more in result.json");
    expect(text).toContain("Reproduce with");
  });
});
