import { describe, expect, test } from "vitest";
import { handWritten } from "../../../test/support/hand-written.ts";
import { judged } from "../../../test/support/judge-continuity.ts";

describe("a retry", () => {
  const retried = (requestId: string | null) =>
    handWritten()
      .ok(1, { sees: "" })
      .unknown(2, { sees: "1", requestId })
      .ok(2, { on: "b", sees: "1" });

  test("with a request id that saves the turn again is a duplicated turn", () => {
    const lists = { a: "1 2 q2 a2b", b: "1 2 q2 a2b" };
    expect(judged(retried("r").finally(lists).history())).toEqual(["duplicated-turn"]);
    expect(judged(retried(null).finally(lists).history())).toEqual(["duplicated-resend"]);
  });

  test("does not include the answer to an interrupt, which needs no request id", () => {
    const bare = { requestId: null };
    const history = handWritten()
      .ok(1, { sees: "" })
      .interrupted(2, { sees: "1", ...bare })
      .ok(2, { sees: "1", ...bare });
    const lists = { a: "1 2 q2 a2b", b: "1 2 q2 a2b" };
    expect(judged(history.finally(lists).history())).toEqual(["saved-twice"]);
  });

  test("that doubles the reply alone, or the message alone, is a duplicated turn", () => {
    const replies = { a: "1 2 a2b", b: "1 2 a2b" };
    expect(judged(retried("r").finally(replies).history())).toEqual(["duplicated-turn"]);
    const messages = { a: "1 q2 q2 a2b", b: "1 q2 q2 a2b" };
    expect(judged(retried("r").finally(messages).history())).toEqual(["duplicated-turn"]);
  });

  test("whose stored reply is not the acknowledged one is a duplicated turn", () => {
    const lists = { a: "1 2", b: "1 2" };
    expect(judged(retried("r").finally(lists).history())).toEqual(["duplicated-turn"]);
  });

  test("that is saved once is fine", () => {
    const lists = { a: "1 q2 a2b", b: "1 q2 a2b" };
    expect(judged(retried("r").finally(lists).history())).toBe("holds");
    const stored = handWritten().unknown(1, { sees: "" }).ok(1, { reply: "noted tpa-00000001" });
    expect(judged(stored.finally({ a: "1", b: "1" }).history())).toBe("holds");
  });

  test("that is refused while the first is under way says nothing about the first", () => {
    const history = handWritten().unknown(1, { sees: "" }).failed(1).finally({ a: "1", b: "1" });
    expect(judged(history.ok(2, { sees: "1" }).finally({ a: "1 2" }).history())).toBe("holds");
  });
});

describe("tokens of others", () => {
  test("are a leak across threads", () => {
    const history = handWritten()
      .ok(1, { thread: "t1", sees: "" })
      .ok(2, { thread: "t2", sees: "1" })
      .finally({ a: "1 2" }, "t2");
    expect(judged(history.history())).toEqual(["cross-thread-leak"]);
  });

  test("are a leak if no user of this run sent them", () => {
    const history = handWritten().ok(1, { sees: "77" }).finally({ a: "77 1" });
    expect(judged(history.history())).toEqual(["cross-thread-leak"]);
  });

  describe("of turns that met in one process", () => {
    const met = () =>
      handWritten()
        .say(1, { thread: "t1", client: "c1" })
        .say(2, { thread: "t2", client: "c2" })
        .modelCall(1, "")
        .modelCall(2, "")
        .ok(1)
        .ok(2)
        .finally({ a: "2", b: "2" }, "t1")
        .finally({ a: "2", b: "2" }, "t2");

    test("are one cause, and an experiment tells which", () => {
      expect(judged(met().history())).toEqual(["unexplained"]);
      const again = met().experiment("one turn at a time", ["cross-thread-leak"]);
      expect(judged(again.history())).toEqual(["cross-thread-leak"]);
      const fine = met().experiment("one turn at a time", []);
      expect(judged(fine.history())).toEqual(["crossed-requests"]);
    });

    test("are no crossed requests if others that never met are mixed up as well", () => {
      const history = met().ok(3, { thread: "t3", sees: "1" }).finally({ a: "1 3" }, "t3");
      expect(judged(history.history())).toEqual(["cross-thread-leak"]);
    });
  });
});

describe("a turn that was killed in the middle", () => {
  const killed = (malformed?: string) => {
    const history = handWritten()
      .ok(1, { sees: "" })
      .say(2, { on: "a" })
      .modelCall(2, "1", { tools: ["book"] })
      .exit("a")
      .unknown(2)
      .say(3, { on: "b", client: "c3" });
    return malformed === undefined
      ? history.modelCall(3, "1 q2").ok(3).start("a")
      : history.modelCall(3, "1 q2", { malformed }).unknown(3, { status: 500 }).start("a");
  };

  test("and followed by a new message is torn", () => {
    const history = killed().finally({ a: "1 q2 3", b: "1 q2 3" });
    expect(judged(history.history())).toEqual(["torn-turn"]);
  });

  test("is explained by a wedged thread, and by concurrent turns", () => {
    const why = "an assistant message with 'tool_calls' must be followed by tool messages";
    const history = killed(why)
      .ok(11, { thread: "t2", sees: "" })
      .unknown(12, { thread: "t2", sees: "11" })
      .ok(13, { thread: "t2", sees: "11 q12" })
      .finally({ a: "11 q12 13" }, "t2");
    expect(judged(history.history())).toEqual(["orphaned-tool-call"]);
    const together = handWritten()
      .say(1, { client: "c1" })
      .say(2, { client: "c2" })
      .modelCall(1, "")
      .modelCall(2, "")
      .ok(1)
      .ok(2)
      .ok(3, { sees: "2 q1" })
      .finally({ a: "2 q1 3" });
    expect(judged(together.history())).toEqual(["lost-update"]);
  });

  test("in a tool call wedges the thread", () => {
    const why = "an assistant message with 'tool_calls' must be followed by tool messages";
    const history = killed(why).finally({ a: "1 q2 q3", b: "1 q2 q3" });
    expect(judged(history.history())).toEqual(["orphaned-tool-call"]);
  });

  test("and finished before the next is fine, and so is one that waits", () => {
    const history = handWritten()
      .ok(1, { sees: "" })
      .unknown(2, { sees: "1" })
      .read("1 q2", { on: "b", client: "c2" });
    expect(judged(history.finally({ a: "1 q2", b: "1 q2" }).history())).toBe("holds");
    const finished = history.ok(3, { on: "b", sees: "1 2" }).finally({ a: "1 2 3", b: "1 2 3" });
    expect(judged(finished.history())).toBe("holds");
  });

  test("may be rolled back, because it was not acknowledged", () => {
    const history = handWritten().ok(1, { sees: "" }).unknown(2, { sees: "1" }).read("1 q2");
    const next = history.ok(3, { on: "b", sees: "1" }).finally({ a: "1 3", b: "1 3" });
    expect(judged(next.history())).toBe("holds");
  });
});
