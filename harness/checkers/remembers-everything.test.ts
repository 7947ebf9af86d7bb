import { describe, expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { judged } from "../../test/support/judge-continuity.ts";
import { remembersEverything } from "./remembers-everything.ts";

describe("a service without its tables", () => {
  const erring = (status: number, why = "500: 42P01") =>
    handWritten().unknown(1, { on: "a", status, why }).unknown(2, { on: "b", status, why });

  test("fails on every turn of every replica: it was not initialised", () => {
    expect(judged(erring(500).history())).toEqual(["not-initialised"]);
    expect(judged(erring(500, "500: no money left").history())).toBe("inconclusive");
  });

  test("is not the cause with a fault, a model call, or one replica that works", () => {
    const faulty = handWritten().fault("database down").unknown(1, { on: "a", status: 500 });
    expect(judged(faulty.unknown(2, { on: "b", status: 500 }).history())).toBe("inconclusive");
    const called = erring(500).unknown(3, { sees: "", status: 500 });
    expect(judged(called.history())).toBe("inconclusive");
    expect(judged(erring(500).ok(3, { sees: "" }).finally({ a: "3" }).history())).toBe("holds");
    expect(judged(handWritten().unknown(1, { status: 500 }).history())).toBe("inconclusive");
  });
});

describe("nothing to judge", () => {
  test("is inconclusive", () => {
    expect(judged(handWritten().history())).toBe("inconclusive");
    expect(judged(handWritten().ok(1).history())).toBe("inconclusive");
    expect(judged(handWritten().failed(1).finally({ a: "" }).history())).toBe("inconclusive");
  });

  test("are warm-up turns, ids that must be refused, and what comes after a deletion", () => {
    const warm = handWritten().ok(1, { thread: "warm", purpose: "warm-up", sees: "" });
    expect(judged(warm.finally({ a: "" }, "warm").history())).toBe("inconclusive");
    const unsound = handWritten().ok(1, { sound: false, threadId: "", sees: "" });
    expect(judged(unsound.ok(2, { sound: false, threadId: "", sees: "" }).history())).toBe(
      "inconclusive",
    );
    const deleted = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" }).deleted();
    expect(judged(deleted.finally({ a: "", b: "" }).history())).toBe("holds");
  });
});

test("a verdict that holds says how many operations were checked, and which level", () => {
  const history = handWritten().ok(1, { sees: "" }).finally({ a: "1", b: "1" }).history();
  const ladder = { kept: ["linearizable"], broken: null };
  expect(remembersEverything.judge(history)).toEqual({ kind: "holds", checked: 4, ladder });
});
