// The language does not matter: FastAPI and LangGraph for Python, with a venv made by the build
// step. It is started for real, and its imports take seconds.
import { beforeEach, expect, test } from "vitest";
import { build, judge, stranger, surprises, sweepOf } from "../support/judge-example.ts";

const python = await stranger("python");
const why = await build(python);

beforeEach(({ skip }) => skip(why !== null, why ?? ""));

/** What any of its naive forms breaks. */
const { variants } = python.target;
const broken = [...new Set(Object.values(variants).flatMap(({ breaks }) => Object.keys(breaks)))];

test("the careful service keeps what the naive ones break", async () => {
  const report = await judge(python, { scenarios: broken, variants: ["plain"] });
  expect(surprises(report)).toEqual([]);
  expect(report.results.map(({ verdict }) => verdict.kind)).toEqual(broken.map(() => "holds"));
  expect(report.results.flatMap((it) => it.faults.filter(({ bite }) => !bite.bit))).toEqual([]);
});

test.each(Object.keys(variants))("%s breaks what is expected, for the right reason", async (it) => {
  const report = await judge(python, { variants: [it] });
  expect(surprises(report)).toEqual([]);
  const breaks = Object.keys(variants[it]?.breaks ?? {});
  expect(report.results.map(({ verdict }) => verdict.kind)).toEqual(breaks.map(() => "violated"));
});

// Three runs with a pair each, so about 20 s.
test("a turn of it is swept as any other, and the careful service holds", async () => {
  const report = await sweepOf(python, ["after search 1", "model call 2"]);
  expect(report.turnPoints).toBeGreaterThan(50);
  expect(report.points.map(({ name, verdict }) => [name, verdict])).toEqual([
    ["after search 1", "holds"],
    ["model call 2", "holds"],
  ]);
});
