import { expect, test } from "vitest";
import type { Event } from "../history.ts";
import { crashPointsOf } from "./points.ts";

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
  statement("BEGIN", "done"),
  statement("SELECT checkpoints", "sent", { turn: null }),
  { kind: "model.call", call: "m1", ...call },
  { kind: "model.answer", call: "m1" },
  { kind: "model.call", call: "side", ...call, turn: null },
  { kind: "model.answer", call: "side" },
  { kind: "tool.call", call: "t1", tool: "search", ...call },
  { kind: "tool.answer", call: "t1" },
  statement("INSERT t", "sent", { ordinal: 2 }),
  { kind: "attempt.end", attempt: "1" },
  statement("COMMIT", "sent"),
  { kind: "attempt.begin", turn: "q1", attempt: "2" },
  statement("COMMIT", "sent", { attempt: 2, ordinal: 3 }),
  { kind: "attempt.end", attempt: "2" },
];

const history = {
  header: {} as never,
  entries: events.map((event, seq) => ({ ...event, seq, at: seq })) as never,
};

test("a turn comes by its points in this order, each of them once", () => {
  expect(crashPointsOf(history, "q1", 1)).toEqual([
    { name: "before BEGIN 1", where: "database" },
    { name: "after BEGIN 1", where: "database" },
    { name: "model call 1", where: "model" },
    { name: "after model call 1", where: "model" },
    { name: "before search 1", where: "tools" },
    { name: "search", where: "tools" },
    { name: "before INSERT t 2", where: "database" },
  ]);
});

test("a later attempt has points of its own", () => {
  const points = crashPointsOf(history, "q1", 2);
  expect(points).toEqual([{ name: "attempt 2: before COMMIT 3", where: "database" }]);
  expect(crashPointsOf(history, "q2", 1)).toEqual([]);
});
