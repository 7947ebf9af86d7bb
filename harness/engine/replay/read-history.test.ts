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
  headerLine("restart/mine/naive/one-replica", { experiment: "one replica" }),
  phase("restart/mine/plain", 1),
  phase("restart/mine/naive", 2),
].join("");

test("lines of several runs may be interleaved, and the last line may be cut off", () => {
  const records = recordsIn(`${two}{"run":"restart/mine/na`, "history.jsonl");
  expect(records.map(({ header, entries }) => [header.run, entries.length])).toEqual([
    ["restart/mine/plain", 1],
    ["restart/mine/naive", 2],
    ["restart/mine/naive/one-replica", 0],
  ]);
});

test.each([
  ["restart/mine/naive", "restart/mine/naive"],
  ["restart/naive", "restart/mine/naive"],
  ["restart/plain", "restart/mine/plain"],
  ["restart/mine/naive/one-replica", "restart/mine/naive/one-replica"],
])("%s selects %s", (name, run) => {
  expect(recordOf(recordsIn(two, "h"), name).header.run).toBe(run);
});

test("the error for an unknown or ambiguous name lists the runs", () => {
  const records = recordsIn(two, "h");
  const all = "\n  restart/mine/plain\n  restart/mine/naive";
  expect(() => recordOf(records, null)).toThrow(
    `the history has 2 runs; select one with --case:${all}`,
  );
  expect(() => recordOf(records, "restart")).toThrow(`"restart" is ambiguous:${all}`);
  expect(() => recordOf(records, "foo")).toThrow(
    `no run "foo"; there are${all}\n  restart/mine/naive/one-replica`,
  );
  expect(() => recordOf([], null)).toThrow("the history has no run");
  expect(recordOf(records.slice(0, 1), null).header.run).toBe("restart/mine/plain");
});

test.each([
  ["not JSON\n{}\n", "h:1 is not JSON"],
  [lineOf({ run: "x", kind: "phase" }), "h:1 belongs to a run without a header before it"],
  [`${headerLine("a/b")}${lineOf({ run: "a/b", seq: 1, at: 1, kind: "foo" })}`, "h:2 is not a"],
  [
    lineOf({ header: { ...headerOf({}), schemaVersion: 1 } }),
    "h:1 is not a history entry: schemaV",
  ],
  [
    lineOf({ header: { ...headerOf({}), promises: { ...headerOf({}).promises, drainMs: "1 s" } } }),
    "h:1 is not a history entry: promises.drainMs: Invalid input: expected number",
  ],
  [
    `${headerLine("a/b")}${lineOf({ run: "a/b", seq: 0, at: 1, kind: "phase", phase: "final" })}`,
    "h:2 is not a history entry: seq: Too small",
  ],
])("the error for an invalid history names the line: %j", (text, says) => {
  expect(() => recordsIn(text, "h")).toThrow(says);
});
