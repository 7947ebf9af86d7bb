import { describe, expect, test } from "vitest";
import { highest, levels } from "../../history/level.ts";
import type { handWritten as Writing } from "../../../test/support/hand-written.ts";
import { handWritten } from "../../../test/support/hand-written.ts";
import { judgeLevels, type ThreadLevels } from "./thread-levels.ts";
import { operationsOf } from "./operations.ts";
import { syntheticHistory } from "../../../test/support/synthetic-history.ts";

type Written = ReturnType<typeof Writing>;

function levelsOf(written: Written): ThreadLevels {
  const { threads, owners } = operationsOf(written.history());
  const [thread] = threads;
  if (!thread) throw new Error("the history has no thread");
  return judgeLevels(thread, owners);
}

/** The highest levels kept, and the level and `seq` of the first break. */
function kept(written: Written) {
  const { kept, breaks } = levelsOf(written);
  const [broken] = breaks;
  const top = highest(kept).join(" ");
  return broken ? [top, broken.level, broken.seq] : [top];
}

/** How many entries there are: the `seq` of the last. */
const entries = (written: Written) => written.history().entries.length;

const two = () => handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" });

describe("integrity is broken by", () => {
  test.each([
    ["a token that no user sent", "1 77 2"],
    ["a message twice", "1 2 q1"],
    ["a reply twice", "1 a1 2"],
    ["a message without its reply before another", "q1 2"],
    ["a reply without its message", "a1 2"],
    ["replies that changed places", "q1 a2 q2 a1"],
  ])("%s", (_, list) => {
    const written = two().read(list);
    expect(kept(written)).toEqual(["", "integrity", entries(written)]);
  });

  test("the message of a turn that was refused", () => {
    expect(kept(two().failed(3).read("1 2 q3"))).toEqual(["", "integrity", expect.any(Number)]);
    expect(kept(two().unknown(3).read("1 2 q3"))).toEqual(["linearizable"]);
  });

  test("a message before it was sent", () => {
    expect(kept(two().read("1 2 3").ok(3, { sees: "1 2" }))[1]).toBe("integrity");
  });

  test("a reply that is not the acknowledged one", () => {
    const retried = () => handWritten().unknown(1, { sees: "" }).ok(1, { sees: "" });
    expect(kept(retried().read("1"))[1]).toBe("integrity");
    expect(kept(retried().read("q1 a1b"))).toEqual(["linearizable"]);
  });

  test("a prompt that goes on after a message without a reply", () => {
    const killed = () => handWritten().say(1).modelCall(1, "").unknown(1);
    expect(kept(killed().say(2).modelCall(2, "q1"))[1]).toBe("integrity");
    // As long as somebody waits for it, it is in flight and not torn.
    const flying = handWritten().say(1).modelCall(1, "").say(2, { client: "c2" });
    expect(kept(flying.modelCall(2, "q1"))).toEqual(["linearizable"]);
  });

  test("nothing if a turn waits for an approval, or replies carry no tokens", () => {
    const waiting = handWritten().interrupted(1, { sees: "" }).ok(2, { sees: "q1" });
    expect(kept(waiting.read("q1 2"))).toEqual(["linearizable"]);
    const silent = handWritten().ok(1, { reply: "noted" }).unknown(2).ok(3, { reply: "noted" });
    expect(kept(silent.read("q1 q2 q3"))).toEqual(["linearizable"]);
  });
});

describe("no lost turns", () => {
  test("is broken if none of the last reads shows an acknowledged turn", () => {
    const written = two().finally({ a: "1", b: "1" });
    expect(kept(written)).toEqual(["integrity", "no-lost-turns", entries(written) - 2]);
    expect(kept(two().read("1"))[1]).toBe("no-lost-turns");
  });

  test("is kept if one of them does, or if only a later read counts", () => {
    expect(kept(two().finally({ a: "1", b: "1 2" }))[1]).not.toBe("no-lost-turns");
    expect(kept(two().read("1").finally({ a: "1 2" }))[1]).not.toBe("no-lost-turns");
  });

  test("does not count an unknown turn, or one acknowledged after the read began", () => {
    expect(kept(two().unknown(3, { sees: "1 2" }).finally({ a: "1 2" }))).toEqual(["linearizable"]);
    const late = two().say(3, { client: "c3" }).readBegin("r").ok(3).readEnd("r", "1 2");
    expect(kept(late)).toEqual(["linearizable"]);
  });

  test("counts a message whose reply is missing as lost", () => {
    expect(kept(two().finally({ a: "1 q2" }))[1]).toBe("no-lost-turns");
  });
});

describe("one history", () => {
  test("is broken by two lists if neither continues the other", () => {
    const written = handWritten().ok(1, { sees: "" }).unknown(2, { sees: "1" });
    const forked = written.read("1 2", { client: "c2" }).ok(3, { sees: "1" });
    expect(kept(forked.finally({ a: "1 3" }))[1]).toBe("one-history");
  });

  test("is kept if only an unfinished turn disappears", () => {
    const written = handWritten().ok(1, { sees: "" }).unknown(2, { sees: "1" });
    const waiting = written.read("1 q2", { client: "c2" }).ok(3, { sees: "1" });
    expect(kept(waiting.finally({ a: "1 3" }))).toEqual(["linearizable"]);
  });
});

describe("the levels of order", () => {
  const read = (list: string, client: string) => two().read(list, { client });

  test("monotonic reads: a client never sees less than before", () => {
    const less = read("1 2", "reader").read("1", { client: "reader" }).finally({ a: "1 2" });
    expect(kept(less)).toEqual(["read-your-writes", "monotonic-reads", entries(less) - 3]);
  });

  test("read your writes: a client sees each turn that was acknowledged to it", () => {
    expect(kept(two().read("1", { client: "c" }).finally({ a: "1 2" }))[1]).toBe(
      "read-your-writes",
    );
    const reply = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1", list: "1" });
    expect(kept(reply.finally({ a: "1 2" }))[1]).toBe("read-your-writes");
    const whole = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1", list: "1 2" });
    expect(kept(whole.finally({ a: "1 2" }))).toEqual(["linearizable"]);
  });

  test("sequential: the turns of a client are in its own order", () => {
    const blind = () => handWritten().ok(1).ok(2).finally({ a: "2 1" });
    expect(kept(blind())[1]).toBe("sequential");
    const others = handWritten().ok(1, { client: "c1" }).ok(2, { client: "c2" });
    expect(kept(others.finally({ a: "2 1" }))[1]).toBe("linearizable");
  });

  test("linearizable: each operation sees what had completed before it began", () => {
    const written = read("1", "reader").finally({ a: "1 2" });
    expect(kept(written)).toEqual(["sequential", "linearizable", entries(written) - 3]);
    const open = two().readBegin("r", { client: "reader" });
    const overlapping = open.ok(3, { sees: "1 2" }).readEnd("r", "1 2");
    expect(kept(overlapping.finally({ a: "1 2 3" }))).toEqual(["linearizable"]);
  });

  test("a turn that no read shows must have come after all that reads show", () => {
    const unseen = (second: string) =>
      handWritten()
        .readBegin("r", { client: "reader" })
        .ok(1, { client: "c1" })
        .ok(2, { client: second })
        .readEnd("r", "2");
    expect(kept(unseen("c2"))).toEqual(["sequential", "linearizable", expect.any(Number)]);
    expect(kept(unseen("c1"))).toEqual([
      "monotonic-reads read-your-writes",
      "sequential",
      expect.any(Number),
    ]);
  });

  test("an unknown turn may be saved late, but not undone", () => {
    const late = () => handWritten().unknown(1, { sees: "", client: "c1" }).ok(2, { sees: "" });
    expect(kept(late().finally({ a: "2 1" }))).toEqual(["linearizable"]);
    const seen = handWritten().unknown(1, { sees: "" }).read("1", { client: "r" });
    expect(kept(seen.read("", { client: "s" }).finally({ a: "1" }))[1]).toBe("linearizable");
  });
});

test("a call of a turn that was acknowledged already proves nothing", () => {
  const written = two().ok(3, { sees: "1 2", client: "c3" });
  expect(kept(written.modelCall(2, "1").finally({ a: "1 2 3" }))).toEqual(["linearizable"]);
});

test("the sentence of a break names the read and its replica", () => {
  const {
    breaks: [broken],
  } = levelsOf(two().finally({ b: "1" }));
  expect(broken?.because).toBe(
    "tpq-00000002 was acknowledged, and the state on b does not show it",
  );
});

test("many long threads without a mistake are linearizable", () => {
  const { threads, owners } = operationsOf(syntheticHistory({ seed: 7, threads: 20, turns: 60 }));
  const ladders = threads.map((thread) => judgeLevels(thread, owners));
  expect(ladders).toEqual(Array.from({ length: 20 }, () => ({ kept: levels, breaks: [] })));
});
