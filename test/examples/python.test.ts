// The language of a service does not matter: FastAPI and LangGraph for Python, in a venv that the
// build step makes. Its imports take three CPU seconds per replica, so all its cases are one run.
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { RunReport } from "../../harness/report/result.ts";
import { build, example, judge, surprises, sweepOf } from "../support/judge-example.ts";

const python = await example("python");
const why = await build(python);

/** The scenarios that a naive variant breaks. */
const { variants } = python.target;
const broken = [...new Set(Object.values(variants).flatMap(({ breaks }) => Object.keys(breaks)))];

let report: RunReport;
beforeAll(async () => {
  if (why === null) report = await judge(python, { scenarios: broken });
});
beforeEach(({ skip }) => skip(why !== null, why ?? ""));

const kindsOf = (variant: string | null) =>
  report.results.filter((it) => it.variant === variant).map(({ verdict }) => verdict.kind);

test("the careful service keeps what the naive ones break", () => {
  expect(surprises(report)).toEqual([]);
  expect(kindsOf(null)).toEqual(broken.map(() => "holds"));
  const careful = report.results.filter((it) => it.variant === null);
  expect(careful.flatMap((it) => it.faults.filter(({ bite }) => !bite.bit))).toEqual([]);
});

test.each(Object.entries(variants))("%s breaks the expected scenarios", (name, { breaks }) => {
  expect(kindsOf(name)).toEqual(Object.keys(breaks).map(() => "violated"));
});

// Three runs with two replicas each, about 20 s.
test("a sweep kills it at points of a turn, and the careful service holds", async () => {
  const swept = await sweepOf(python, ["after search 1", "model call 2"]);
  expect(swept.turnPoints).toBeGreaterThan(50);
  expect(swept.points.map(({ name, verdict }) => [name, verdict])).toEqual([
    ["after search 1", "holds"],
    ["model call 2", "holds"],
  ]);
});
