import { expect, test } from "vitest";
import type { Event } from "../../history/history.ts";
import { formatPoint, parsePoint } from "../../history/point.ts";
import { crashPointsOf, longestSilence } from "./points.ts";

type Statement = Extract<Event, { kind: "statement" }>;

const statement = (
  name: string,
  phase: "sent" | "done",
  part: Partial<Statement> = {},
): Statement => ({
  ...{ kind: "statement", replica: "a", turn: "q1", name, ordinal: 1, attempt: 1, phase },
  ...part,
});

const call = { replica: "a", turn: "q1", ordinal: 1 };
const events = [
  { kind: "statement", phase: "early" },
  { kind: "attempt.begin", turn: "q1", attempt: "1" },
  statement("BEGIN", "sent"),
  statement("BEGIN", "done", { inTransaction: true }),
  statement("SELECT checkpoints", "sent", { turn: null }),
  { kind: "model.call", call: "m1", ...call },
  { kind: "model.answer", call: "m1" },
  { kind: "model.call", call: "side", ...call, turn: null },
  { kind: "model.answer", call: "side" },
  { kind: "tool.call", call: "t1", tool: "search", ...call },
  { kind: "tool.answer", call: "t1" },
  statement("INSERT t", "sent", { ordinal: 2 }),
  { kind: "attempt.end", attempt: "1", outcome: { kind: "ok" } },
  statement("COMMIT", "sent"),
  { kind: "attempt.begin", turn: "q1", attempt: "2" },
  statement("COMMIT", "sent", { attempt: 2, ordinal: 3 }),
  { kind: "attempt.end", attempt: "2", outcome: { kind: "unknown" } },
  { kind: "phase" },
  statement("SELECT t", "sent", { attempt: 2 }),
];

const history = {
  header: {} as never,
  entries: events.map((event, seq) => ({ ...event, seq, at: seq })) as never,
};

const names = (attempt: number) =>
  crashPointsOf(history, "q1", attempt).map(({ point }) => formatPoint(point));

test("the points of a turn are in the order of the attempt, each once", () => {
  expect(crashPointsOf(history, "q1", 1).slice(0, 7)).toEqual([
    { point: parsePoint("before BEGIN 1"), replied: false, lasting: 0 },
    { point: parsePoint("after BEGIN 1"), replied: false, lasting: 0 },
    { point: parsePoint("model call 1"), replied: false, lasting: 1 },
    { point: parsePoint("after model call 1"), replied: false, lasting: 2 },
    { point: parsePoint("before search 1"), replied: false, lasting: 5 },
    { point: parsePoint("after search 1"), replied: false, lasting: 6 },
    { point: parsePoint("before INSERT t 2"), replied: false, lasting: 6 },
  ]);
});

test("a save after the reply is a point of the turn, until the next request", () => {
  expect(crashPointsOf(history, "q1", 1).slice(7)).toEqual([
    { point: parsePoint("before COMMIT 1"), replied: true, lasting: 7 },
  ]);
});

test("a later attempt has its own points, and a turn without an attempt has no points", () => {
  expect(names(2)).toEqual(["attempt 2: before COMMIT 3"]);
  expect(crashPointsOf(history, "q2", 1)).toEqual([]);
});

test.each([
  ["INSERT t", {}, 1],
  ["INSERT t", { inTransaction: true }, 0],
  ["INSERT t", { phase: "sent" }, 0],
  ["INSERT t", { phase: "failed" }, 0],
  ["COMMIT", {}, 1],
  ["SELECT", {}, 1],
  ["SELECT t", {}, 0],
  ["ROLLBACK", {}, 0],
] as const)("%s %o has %i lasting effects", (name, part, lasting) => {
  const [begin] = events.filter(({ kind }) => kind === "attempt.begin");
  const said = [begin, statement(name, "done", part), statement("LAST", "sent")];
  const entries = said.map((event, seq) => ({ ...event, seq, at: seq })) as never;
  expect(crashPointsOf({ ...history, entries }, "q1", 1).at(-1)?.lasting).toBe(lasting);
});

test("the longest silence of an attempt is between two of its entries", () => {
  expect(longestSilence(history, "q1", 1)).toBe(1);
  expect(longestSilence(history, "q2", 1)).toBe(0);
});

test("the wait of the harness after an attempt does not count as its silence", () => {
  const entries = events.slice(0, 14).map((event, seq) => ({ ...event, seq, at: seq }));
  const waited = [...entries, { kind: "act.end", seq: 14, at: 500 }] as never;
  expect(longestSilence({ ...history, entries: waited }, "q1", 1)).toBe(1);
});
