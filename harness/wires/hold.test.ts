import { expect, test, vi } from "vitest";
import { parsePoint } from "../history/point.ts";
import type { Event } from "../history/history.ts";
import { random } from "../history/random.ts";
import { Turns } from "../history/turn.ts";
import { Holds } from "./hold.ts";

const deadlineMs = 60_000;

function stage(deadline = deadlineMs) {
  const entries: Event[] = [];
  const record = (event: Event) => {
    entries.push(event);
    return { seq: entries.length, at: 0, ...event };
  };
  const turns = new Turns(random(1), "run");
  const holds = new Holds({ record }, deadline);
  const bites = () => entries.flatMap((it) => (it.kind === "fault.end" ? [it.bite] : []));
  return { holds, turn: turns.open("c1"), another: turns.open("c1"), entries, bites };
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  // A settled promise wins against one that settles later in the same turn of the event loop.
  const later = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([promise, later])) !== pending;
}

test("a held call waits until the hold is disposed", async () => {
  const { holds, turn, entries } = stage();
  const held = holds.hold(turn, parsePoint("book"));
  const call = holds.pass(turn, parsePoint("book"), "a");
  await held.reached();
  expect(await isSettled(call)).toBe(false);
  held[Symbol.dispose]();
  await call;
  const fault = { fault: "hold 1", name: "hold book" };
  const bite = { bit: true, what: "book was in flight on a" };
  expect(entries).toEqual([
    { kind: "fault.begin", ...fault, replica: null, stops: "call" },
    { kind: "fault.end", ...fault, bite },
  ]);
});

test("calls at other points, of other turns, and second calls are not held", async () => {
  const { holds, turn, another } = stage();
  using held = holds.hold(turn, parsePoint("book"));
  await holds.pass(turn, parsePoint("model call 1"), "a");
  await holds.pass(another, parsePoint("book"), "a");
  const first = holds.pass(turn, parsePoint("book"), "a");
  await held.reached();
  await holds.pass(turn, parsePoint("book"), "b");
  expect(await isSettled(first)).toBe(false);
});

test("a hold whose turn ends without reaching the point resolves without effect", async () => {
  const { holds, turn, bites } = stage();
  const held = holds.hold(turn, parsePoint("book"));
  holds.ended(turn);
  await held.reached();
  held[Symbol.dispose]();
  expect(bites()).toEqual([{ bit: false, what: "book was never in flight" }]);
});

test("a hold that is disposed twice ends once", () => {
  const { holds, turn, bites } = stage();
  const held = holds.hold(turn, parsePoint("book"));
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  expect(bites()).toHaveLength(1);
});

test("a call after its hold was disposed passes", async () => {
  const { holds, turn } = stage();
  holds.hold(turn, parsePoint("book"))[Symbol.dispose]();
  await holds.pass(turn, parsePoint("book"), "a");
});

test("reached resolves at the deadline if the call never arrives", async () => {
  vi.useFakeTimers();
  try {
    const { holds, turn, bites } = stage();
    const held = holds.hold(turn, parsePoint("book"));
    const reached = vi.fn();
    const waiting = held.reached().then(reached);
    await vi.advanceTimersByTimeAsync(deadlineMs - 1);
    expect(reached).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    held[Symbol.dispose]();
    expect(bites()).toEqual([{ bit: false, what: "book was never in flight" }]);
  } finally {
    vi.useRealTimers();
  }
});

test("a hold with atMostMs releases the call by itself, and had an effect", async () => {
  vi.useFakeTimers();
  try {
    const { holds, turn, bites } = stage();
    const held = holds.hold(turn, parsePoint("book"), { atMostMs: 1_000 });
    // The time runs from the arrival of the call, not from the hold.
    await vi.advanceTimersByTimeAsync(5_000);
    const passed = vi.fn();
    const call = holds.pass(turn, parsePoint("book"), "a").then(passed);
    await held.reached();
    await vi.advanceTimersByTimeAsync(999);
    expect(passed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await call;
    held[Symbol.dispose]();
    expect(bites()).toEqual([{ bit: true, what: "book was in flight on a" }]);
  } finally {
    vi.useRealTimers();
  }
});
