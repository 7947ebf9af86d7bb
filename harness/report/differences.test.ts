import { expect, test } from "vitest";
import { differencesOf } from "./differences.ts";
import type { Result, RunReport } from "./result.ts";
import { sample } from "../../test/support/sample-report.ts";

/** The sample as a run on another backend: `change` maps each result. */
function elsewhere(change: (result: Result) => Result | null = (it) => it): RunReport {
  const results = sample.results.map((it) => change({ ...it, backend: "docker" }));
  return { ...sample, results: results.filter((it) => it !== null) };
}

const violated = sample.results.find((it) => it.verdict.kind === "violated");
if (violated === undefined) throw new Error("the sample violates nothing");
const { scenario, target, variant } = violated;
const name = [scenario, target, ...(variant === null ? [] : [variant])].join("/");

const onlyIt = (change: (result: Result) => Result | null) =>
  elsewhere((it) =>
    it.scenario === scenario && it.target === target && it.variant === variant ? change(it) : it,
  );

test("two runs with the same verdicts do not differ, even if their durations do", () => {
  expect(
    differencesOf(
      sample,
      elsewhere((it) => ({ ...it, durationMs: 1, run: "x" })),
    ),
  ).toEqual([]);
});

test("the order of diagnoses is not a difference", () => {
  const turned = onlyIt((it) => ({ ...it, diagnoses: it.diagnoses.toReversed() }));
  expect(differencesOf(sample, turned)).toEqual([]);
});

test.each([
  ["another verdict", { verdict: { kind: "holds", because: "" } as const }],
  ["another checker", { checker: "somebody-else" }],
  ["another set of diagnoses", { diagnoses: [] }],
])("%s is a difference", (_, change) => {
  const [difference = "", ...others] = differencesOf(
    sample,
    onlyIt((it) => ({ ...it, ...change })),
  );
  expect(others).toEqual([]);
  expect(difference.startsWith(`${name}: process says violated`)).toBe(true);
});

test("a case that only one run has is a difference", () => {
  const [difference = ""] = differencesOf(
    sample,
    onlyIt(() => null),
  );
  expect(difference.endsWith("docker says was not run")).toBe(true);
});

test("a known difference is left out, and listed if it no longer occurs", () => {
  const known = [{ of: name, reason: "a network can be cut around a container alone" }];
  expect(
    differencesOf(
      sample,
      onlyIt(() => null),
      known,
    ),
  ).toEqual([]);
  const [stale = ""] = differencesOf(sample, elsewhere(), known);
  expect(stale).toBe(
    `${name}: no longer differs (it was known: a network can be cut around a container alone)`,
  );
});
