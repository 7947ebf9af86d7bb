import { describe, expect, test } from "vitest";
import { handWritten } from "../../../test/support/hand-written.ts";
import { remembersEverything } from "../remembers-everything.ts";

type Written = ReturnType<typeof handWritten>;

/** Kind of the verdict, its diagnoses if any, and the ladder's highest level. */
function judged(written: Written) {
  const verdict = remembersEverything.judge(written.history());
  if (verdict.kind === "inconclusive") return ["inconclusive"];
  const kinds = verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : [];
  return [verdict.kind, ...kinds, verdict.ladder?.kept.join(" ")];
}

/** Four turns of an agent that shows its model the last two. */
const trimmed = () =>
  handWritten({ promises: { memory: { window: 2, level: "linearizable" } } })
    .ok(1, { on: "a", sees: "" })
    .ok(2, { on: "b", sees: "1" })
    .ok(3, { on: "a", sees: "1 2" })
    .ok(4, { on: "b", sees: "2 3" });

describe("an agent that shows a window", () => {
  test("is judged by the turns inside it, up to one history", () => {
    expect(judged(trimmed().finally({ a: "3 4", b: "3 4" }))).toEqual(["holds", "one-history"]);
    expect(judged(trimmed().finally({ a: "1 2 3 4", b: "3 4" }))).toEqual(["holds", "one-history"]);
  });

  test("may cut the first block in the middle", () => {
    expect(judged(trimmed().finally({ a: "a2 3 4" }))).toEqual(["holds", "one-history"]);
    expect(judged(trimmed().finally({ a: "3 a2 4" }))).toEqual(["violated", "unexplained", ""]);
  });

  test("loses a turn that is inside the window, not one before it", () => {
    expect(judged(trimmed().finally({ a: "4", b: "4" }))).toEqual([
      "violated",
      "unexplained",
      "integrity",
    ]);
    const unknown = trimmed().unknown(5, { sees: "3 4" });
    expect(judged(unknown.finally({ a: "4 5", b: "4 5" }))).toEqual(["holds", "one-history"]);
  });

  test("can have amnesia or a split brain like any other", () => {
    const restarted = handWritten({ promises: { memory: { window: 4, level: "linearizable" } } })
      .ok(1, { on: "a", sees: "" })
      .restart("a")
      .ok(2, { on: "a", sees: "" });
    expect(judged(restarted.finally({ a: "2" }))).toEqual(["violated", "amnesia", "integrity"]);
    const split = handWritten({ promises: { memory: { window: 4, level: "linearizable" } } })
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "" })
      .ok(3, { on: "a", sees: "1" });
    const seen = judged(split.finally({ a: "1 3", b: "2" }));
    expect(seen).toEqual(["violated", "split-brain", "no-lost-turns"]);
  });

  test("disagrees with itself if lists that overlap differ", () => {
    const swapped = trimmed().finally({ a: "3 4", b: "4 3" });
    expect(judged(swapped)).toEqual(["violated", "unexplained", "no-lost-turns"]);
  });

  test("is inconclusive if its lists have no turn in common", () => {
    const one = handWritten({ promises: { memory: { window: 1, level: "linearizable" } } });
    const apart = one.ok(1, { list: "1" }).ok(2, { list: "2" }).ok(3, { list: "3" });
    expect(judged(apart)).toEqual(["inconclusive"]);
    const less = handWritten({ promises: { memory: { window: 1, level: "no-lost-turns" } } });
    const enough = less.ok(1, { list: "1" }).ok(2, { list: "2" }).ok(3, { list: "3" });
    expect(judged(enough)).toEqual(["holds", "no-lost-turns"]);
  });
});
