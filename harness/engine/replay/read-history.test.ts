import { expect, test } from "vitest";
import { headerOf } from "../../../test/support/shorthand.ts";
import { recordOf, recordsIn } from "./read-history.ts";

const lineOf = (it: object) => `${JSON.stringify(it)}\n`;
const headerLine = (run: string, part: object = {}) => {
  const [scenario = "", target = "", variant = "plain"] = run.split("/");
  const named = { run, scenario, target, variant: variant === "plain" ? null : variant };
  return lineOf({ header: { ...headerOf({}), ...named, ...part } });
};
const phase = (run: string, seq: number) =>
  lineOf({ run, seq, at: seq, kind: "phase", phase: "workload" });

const two = [
  headerLine("restart/mine/plain"),
  headerLine("restart/mine/naive"),
  phase("restart/mine/naive", 1),
  headerLine("restart/mine/naive/alone", { control: true }),
  phase("restart/mine/plain", 1),
  phase("restart/mine/naive", 2),
].join("");

test("lines of several runs mix, and the last one of a killed run may be cut off", () => {
  const records = recordsIn(`${two}{"run":"restart/mine/na`, "history.jsonl");
  expect(records.map(({ header, entries }) => [header.run, entries.length])).toEqual([
    ["restart/mine/plain", 1],
    ["restart/mine/naive", 2],
    ["restart/mine/naive/alone", 0],
  ]);
});

test.each([
  ["restart/mine/naive", "restart/mine/naive"],
  ["restart/naive", "restart/mine/naive"],
  ["restart/plain", "restart/mine/plain"],
  ["restart/mine/naive/alone", "restart/mine/naive/alone"],
])("%s is %s", (name, run) => {
  expect(recordOf(recordsIn(two, "h"), name).header.run).toBe(run);
});

test("one that is not there, or is not the only one, is told with those that there are", () => {
  const records = recordsIn(two, "h");
  const all = "\n  restart/mine/plain\n  restart/mine/naive";
  expect(() => recordOf(records, null)).toThrow(`it has 2 runs: which one? --case takes${all}`);
  expect(() => recordOf(records, "restart")).toThrow(`"restart" may be one of${all}`);
  expect(() => recordOf(records, "foo")).toThrow(
    `no run "foo"; there are${all}\n  restart/mine/naive/alone`,
  );
  expect(() => recordOf([], null)).toThrow("no run is recorded in it");
  expect(recordOf(records.slice(0, 1), null).header.run).toBe("restart/mine/plain");
});

test.each([
  ["not JSON\n{}\n", "h:1 is not JSON"],
  [lineOf({ run: "x", kind: "phase" }), "h:1 belongs to no run that has begun before it"],
  [`${headerLine("a/b")}${lineOf({ run: "a/b", seq: 1, at: 1, kind: "foo" })}`, "h:2 is no entry"],
  [
    lineOf({ header: { ...headerOf({}), schemaVersion: 1 } }),
    "h:1 is no entry of a history: schemaV",
  ],
  [
    lineOf({ header: { ...headerOf({}), promises: { ...headerOf({}).promises, drainMs: "1 s" } } }),
    "h:1 is no entry of a history: promises.drainMs: Invalid input: expected number",
  ],
  [
    `${headerLine("a/b")}${lineOf({ run: "a/b", seq: 0, at: 1, kind: "phase", phase: "final" })}`,
    "h:2 is no entry of a history: seq: Too small",
  ],
])("what is no history is refused with its line: %j", (text, says) => {
  expect(() => recordsIn(text, "h")).toThrow(says);
});
