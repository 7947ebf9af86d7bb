import { describe, expect, test } from "vitest";
import { junitXml } from "./junit.ts";
import type { Result, RunReport } from "./result.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";

/** The elements in document order. Throws if the text is not well-formed. */
function elements(xml: string): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  const text = /^(?:[^<>&]|&(?:amp|lt|gt|quot|apos|#\d+);)*$/u;
  // eslint-disable-next-line no-control-regex -- these are what XML 1.0 forbids
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u);
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  for (const part of body.split(/(<[^>]*>)/)) {
    if (!part.startsWith("<")) {
      expect(part).toMatch(text);
      continue;
    }
    const tag = /^<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>$/u.exec(part);
    if (!tag) throw new Error(`not a tag: ${part}`);
    const [, closes, name = "", attributes = "", empty] = tag;
    if (closes) {
      expect(open.pop()).toBe(name);
      continue;
    }
    const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/gu)];
    expect(new Set(pairs.map(([, key]) => key)).size).toBe(pairs.length);
    for (const [, , value] of pairs) expect(value).toMatch(text);
    found.push({ name, attributes: Object.fromEntries(pairs.map(([, k, v]) => [k, v])) });
    if (!empty) open.push(name);
  }
  expect(open).toEqual([]);
  return found;
}

function count(xml: string, name: string): number {
  return elements(xml).filter((element) => element.name === name).length;
}

describe("junit.xml", () => {
  test("has a suite per scenario and a case per service and skipped check", () => {
    const xml = junitXml(sample);
    expect(count(xml, "testsuite")).toBe(5);
    expect(count(xml, "testcase")).toBe(sample.results.length + sample.notRun.length);
    expect(count(xml, "skipped")).toBe(2);
    expect(elements(xml)[0]?.attributes).toEqual({
      name: "threadproof",
      tests: "12",
      failures: "0",
      errors: "0",
      skipped: "2",
      time: "31.235",
    });
  });

  test("passes an expected violation, and describes it", () => {
    const xml = junitXml(sample);
    expect(count(xml, "failure") + count(xml, "error")).toBe(0);
    expect(xml).toContain("as expected, violated by remembers-everything: split-brain");
  });

  test("fails a surprise with its cause, and marks an inconclusive result as an error", () => {
    const found = elements(junitXml(surprising));
    expect(found.find((element) => element.name === "failure")?.attributes).toEqual({
      type: "stale-read",
      message: "expected holds, seen violated by remembers-everything: stale-read",
    });
    expect(found.find((element) => element.name === "error")?.attributes["type"]).toBe(
      "inconclusive",
    );
  });

  test("stays well-formed with any output of a service", () => {
    const nasty = '\u001b[31m]]>\u0000\u0008\ud800 <a b="c">&amp;\r\n\ufffe "\'';
    const [first] = sample.results;
    const results: Result[] = first
      ? [{ ...first, claim: nasty, scenario: nasty, expected: { kind: "holds" } }]
      : [];
    const report: RunReport = {
      ...sample,
      command: nasty,
      results: results.map((result) => ({
        ...result,
        asExpected: false,
        verdict: { kind: "inconclusive", because: nasty },
      })),
      notRun: [{ scenario: nasty, claim: nasty, target: nasty, variant: null, reason: nasty }],
    };
    expect(count(junitXml(report), "testcase")).toBe(2);
  });

  test("has the figures and their limits as properties of the case", () => {
    const figures = [
      { name: "growth.bytesPerTurn", measured: 4_100.5, allowed: 5_000 },
      { name: "growth.rowsPerTurn", measured: 21, allowed: null },
    ];
    const results = sample.results.slice(0, 1).map((result) => ({ ...result, figures }));
    const xml = junitXml({ ...sample, results, notRun: [] });
    const found = elements(xml).slice(elements(xml).findIndex((it) => it.name === "testcase"));
    expect(found.filter((it) => it.name === "property").map((it) => it.attributes)).toEqual([
      { name: "growth.bytesPerTurn", value: "4100.5" },
      { name: "growth.bytesPerTurn.allowed", value: "5000" },
      { name: "growth.rowsPerTurn", value: "21" },
    ]);
  });

  test("has a failure for a stale entry of the baseline, because it fails the run", () => {
    const found = elements(junitXml({ ...sample, stale: ["restart/mine"] }));
    expect(found[0]?.attributes).toMatchObject({ tests: "13", failures: "1" });
    expect(found.slice(-3).map(({ attributes }) => attributes)).toMatchObject([
      { name: "baseline", tests: "1", failures: "1" },
      { name: "restart/mine", classname: "baseline" },
      { type: "stale", message: expect.stringContaining("no longer occurs: remove it there") },
    ]);
  });

  test("passes an accepted violation, with the reason of the baseline", () => {
    const reason = "mended in the next release";
    const results = sample.results.slice(5, 6).map((result): Result => ({
      ...result,
      expected: { kind: "violated", checker: null, diagnoses: [], perhaps: [], reason },
    }));
    expect(junitXml({ ...sample, results })).toContain(`split-brain (accepted: ${reason})\n`);
  });

  test("gives repeated runs of one pair different names", () => {
    const results = [...sample.results.slice(0, 1), ...sample.results.slice(0, 1)];
    const cases = elements(junitXml({ ...sample, results, notRun: [] }))
      .filter((element) => element.name === "testcase")
      .map((element) => element.attributes["name"]);
    expect(cases).toEqual(["reference", "reference (2)"]);
  });
});
