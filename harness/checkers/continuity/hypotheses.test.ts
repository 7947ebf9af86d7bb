// Each cause has a history that shows it, and one that resembles it and has another cause.
import { describe, expect, test } from "vitest";
import { handWritten } from "../../../test/support/hand-written.ts";
import { judged } from "../../../test/support/judge-continuity.ts";

const seen = (written: ReturnType<typeof handWritten>) => judged(written.history());

describe("a service that keeps nothing, or not all", () => {
  test("erases with each turn what was before", () => {
    const prompts = handWritten()
      .ok(1, { sees: "" })
      .ok(2, { sees: "1" })
      .ok(3, { sees: "2" })
      .ok(4, { sees: "3" });
    expect(seen(prompts.finally({ a: "4", b: "4" }))).toEqual(["starts-anew"]);
    const state = handWritten()
      .ok(1, { sees: "" })
      .read("1")
      .ok(2, { sees: "" })
      .read("2")
      .ok(3, { sees: "" })
      .read("3");
    expect(seen(state.finally({ a: "3", b: "3" }))).toEqual(["starts-anew"]);
  });

  test("keeps the messages of users, and no reply", () => {
    const history = handWritten()
      .ok(1, { sees: "" })
      .ok(2, { sees: "q1" })
      .ok(3, { sees: "q1 q2" })
      .finally({ a: "q1 q2 q3", b: "q1 q2 q3" });
    expect(seen(history)).toEqual(["reply-not-kept"]);
  });

  test("keeps the last turns, or the last messages", () => {
    const turns = handWritten()
      .ok(1, { sees: "" })
      .ok(2, { sees: "1" })
      .ok(3, { sees: "1 2" })
      .ok(4, { sees: "2 3" })
      .ok(5, { sees: "3 4" });
    expect(seen(turns.finally({ a: "4 5", b: "4 5" }))).toEqual(["trimmed-history"]);
    const messages = handWritten()
      .ok(1, { sees: "" })
      .ok(2, { sees: "1" })
      .ok(3, { sees: "a1 2" })
      .ok(4, { sees: "a2 3" })
      .ok(5, { sees: "a3 4" });
    expect(seen(messages.finally({ a: "a3 4 5", b: "a3 4 5" }))).toEqual(["trimmed-history"]);
  });

  test("keeps the thread, and does not show it to the model", () => {
    const history = handWritten()
      .ok(1, { sees: "" })
      .read("1")
      .ok(2, { sees: "" })
      .read("1 2")
      .ok(3, { on: "b", sees: "" })
      .finally({ a: "1 2 3", b: "1 2 3" });
    expect(seen(history)).toEqual(["not-shown-to-model"]);
  });

  test("shows the turns in another order", () => {
    const history = handWritten()
      .ok(1, { sees: "" })
      .ok(2, { sees: "1" })
      .ok(3, { sees: "1 2" })
      .finally({ a: "1 3 2", b: "1 3 2" });
    expect(seen(history)).toEqual(["reordered"]);
    const mixed = handWritten()
      .ok(1, { sees: "" })
      .ok(2, { sees: "1" })
      .ok(3, { sees: "q1 q2 a2 a1" });
    expect(seen(mixed.finally({ a: "q1 q2 a2 a1 3" }))).toEqual(["reordered"]);
  });

  test("saves a turn twice that was sent once", () => {
    const history = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" });
    expect(seen(history.finally({ a: "1 2 2", b: "1 2 2" }))).toEqual(["saved-twice"]);
  });

  test("keeps a turn that it refused", () => {
    const history = handWritten().ok(1, { sees: "" }).failed(2).ok(3, { sees: "1 q2" });
    expect(seen(history.finally({ a: "1 q2 3", b: "1 q2 3" }))).toEqual(["refused-turn-kept"]);
  });
});

test("a turn that is missing before anything happens is not lost by the restart after it", () => {
  const history = handWritten()
    .ok(1, { sees: "" })
    .read("1")
    .ok(2, { sees: "" })
    .read("1 2")
    .ok(3, { sees: "" })
    .finally({ a: "1 2 3", b: "1 2 3" })
    .phase("restart")
    .restart("a")
    .restart("b")
    .read("1 2 3", { final: true })
    .ok(4, { sees: "", purpose: "last" });
  expect(seen(history)).toEqual(["not-shown-to-model"]);
});

describe("a copy of the thread in each replica", () => {
  const copied = () =>
    handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "1" })
      .ok(3, { on: "a", sees: "1" });

  test("overlooks what the other one saved, and overwrites it", () => {
    const history = copied().ok(4, { on: "b", sees: "1 2" }).finally({ a: "1 3", b: "1 2 4" });
    expect(seen(history)).toEqual(["stale-copy"]);
  });

  test("is no stale copy if it happens with one replica too", () => {
    const history = copied().ok(4, { on: "b", sees: "1 2" }).finally({ a: "1 3", b: "1 2 4" });
    expect(seen(history.experiment("one replica", ["unexplained"]))).toEqual(["unexplained"]);
  });

  test("is a stale read if it is right again by itself", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "1" })
      .read("1", { on: "a" })
      .read("1 2", { on: "a" });
    expect(seen(history.finally({ a: "1 2", b: "1 2" }))).toEqual(["stale-read"]);
  });
});

describe("a database error", () => {
  const failing = () =>
    handWritten().ok(1, { on: "a", sees: "" }).ok(2, { on: "b", sees: "1" }).outage("cut");

  test("after which a replica goes on from an empty memory is a fall-back", () => {
    const history = failing()
      .ok(3, { on: "a", sees: "" })
      .heal("cut")
      .ok(4, { on: "a", sees: "3" });
    expect(seen(history.finally({ a: "3 4", b: "1 2" }))).toEqual(["memory-fallback"]);
  });

  test("after which a replica keeps its turns for itself is a fall-back", () => {
    const history = failing()
      .ok(3, { on: "a", sees: "1 2" })
      .heal("cut")
      .ok(4, { on: "a", sees: "1 2 3" })
      .finally({ a: "1 2 3 4", b: "1 2" });
    expect(seen(history)).toEqual(["memory-fallback"]);
  });

  test("in which a turn is acknowledged and no replica keeps it is a lost turn", () => {
    const history = failing().ok(3, { on: "a", sees: "1 2" }).heal("cut");
    expect(seen(history.finally({ a: "1 2", b: "1 2" }))).toEqual(["lost-turn"]);
  });

  test("after which the store is empty has lost the store", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "1" })
      .outage("the database has crashed")
      .heal("the database has crashed")
      .ok(3, { on: "a", sees: "" })
      .finally({ a: "3", b: "3" });
    expect(seen(history)).toEqual(["store-lost"]);
  });
});

describe("turns that are gone without any fault", () => {
  const gone = (name: string) =>
    handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "1" })
      .statement(name, { on: "b" })
      .ok(3, { on: "a", sees: "" })
      .finally({ a: "3", b: "3" });

  test("were deleted if a statement deleted rows in between", () => {
    expect(seen(gone("DELETE messages"))).toEqual(["state-deleted"]);
  });

  test("are unexplained if nothing did", () => {
    expect(seen(gone("INSERT messages"))).toEqual(["unexplained"]);
  });
});

describe("turns of two threads that ran at once in one process", () => {
  const crossed = () =>
    handWritten()
      .ok(1, { thread: "t1", sees: "" })
      .ok(2, { thread: "t2", sees: "" })
      .say(3, { thread: "t1", client: "c1" })
      .say(4, { thread: "t2", client: "c2" })
      .modelCall(3, "1")
      .modelCall(4, "2")
      .ok(3)
      .ok(4)
      .finally({ a: "1", b: "1" }, "t1")
      .finally({ a: "2 4 3", b: "2 4 3" }, "t2");

  test("are mixed up only if they meet", () => {
    const history = crossed().experiment("one turn at a time", []);
    expect(seen(history)).toEqual(["crossed-requests"]);
  });
});
