import { describe, expect, test } from "vitest";
import { handWritten } from "../../../test/support/hand-written.ts";
import { remembersEverything } from "../remembers-everything.ts";
import { judged } from "../../../test/support/judge-continuity.ts";

describe("memory within each process", () => {
  test("behind a balancer it is a split brain", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "" })
      .ok(3, { on: "a", sees: "1" })
      .ok(4, { on: "b", sees: "2" })
      .finally({ a: "1 3", b: "2 4" });
    expect(judged(history.history())).toEqual(["split-brain"]);
  });

  test("is a split brain even where one replica never had a turn", () => {
    const history = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" });
    expect(judged(history.finally({ a: "1 2", b: "" }).history())).toEqual(["split-brain"]);
  });

  test("is a split brain when both take turns at the same time", () => {
    const history = handWritten()
      .say(1, { on: "a", client: "c1" })
      .say(2, { on: "b", client: "c2" })
      .modelCall(1, "")
      .modelCall(2, "")
      .ok(1)
      .ok(2)
      .finally({ a: "1", b: "2" });
    expect(judged(history.history())).toEqual(["split-brain"]);
  });

  test("is amnesia when the one replica is killed and started again", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "a", sees: "1" })
      .fault("kill a", "a")
      .restart("a")
      .heal("kill a")
      .ok(3, { on: "a", sees: "" });
    const verdict = remembersEverything.judge(history.finally({ a: "3", b: "" }).history());
    expect(verdict).toMatchObject({ kind: "violated", diagnoses: [{ kind: "amnesia" }] });
    if (verdict.kind !== "violated") return;
    expect(verdict.diagnoses).toHaveLength(1);
    expect(verdict.diagnoses[0].faults).toEqual(["kill a"]);
    expect(verdict.diagnoses[0].lists).toHaveLength(2);
    expect(verdict.ladder).toMatchObject({
      kept: ["integrity"],
      broken: { level: "no-lost-turns" },
    });
  });

  test("is amnesia too when the other replica takes over from the dead one", () => {
    const failover = () =>
      handWritten().ok(1, { on: "a", sees: "" }).exit("a").ok(2, { on: "b", sees: "" });
    expect(judged(failover().finally({ b: "2" }).history())).toEqual(["amnesia"]);
    // Once it is back it does not know the turns of the other one, which never ended.
    const back = failover().start("a").finally({ a: "", b: "2" });
    expect(judged(back.history())).toEqual(["split-brain"]);
  });

  test("is amnesia alone if the engine's last turn meets a replica that was never used", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .restart("a")
      .ok(2, { on: "a", sees: "" })
      .finally({ a: "2", b: "" })
      .ok(3, { on: "b", sees: "", purpose: "last" });
    expect(judged(history.history())).toEqual(["amnesia"]);
  });

  test("is amnesia on every thread, even if only an empty replica shows it", () => {
    const history = handWritten()
      .ok(1, { thread: "t1", sees: "" })
      .restart("a")
      .ok(2, { thread: "t1", sees: "" })
      .ok(3, { thread: "t2", sees: "" })
      .finally({ a: "2", b: "" }, "t1")
      .finally({ a: "3", b: "" }, "t2");
    expect(judged(history.history())).toEqual(["amnesia"]);
  });

  test("is a split brain, which explains amnesia, when a redeploy meets replicas that had diverged", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "" })
      .restart("a", "SIGTERM")
      .ok(3, { on: "a", sees: "" })
      .restart("b", "SIGTERM")
      .ok(4, { on: "b", sees: "" })
      .finally({ a: "3", b: "4" });
    expect(judged(history.history())).toEqual(["split-brain"]);
  });

  test("is no trouble in a store that both use, whatever restarts", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "b", sees: "1" })
      .restart("a")
      .restart("b")
      .ok(3, { on: "a", sees: "1 2", list: "1 2 3" })
      .finally({ a: "1 2 3", b: "1 2 3" });
    expect(judged(history.history())).toBe("holds");
  });
});

describe("turns at the same time", () => {
  const together = () =>
    handWritten()
      .ok(1, { on: "b", sees: "" })
      .say(2, { on: "a", client: "c2" })
      .say(3, { on: "b", client: "c3" })
      .modelCall(2, "1")
      .modelCall(3, "1")
      .ok(2)
      .ok(3);

  test("lose one where there is no lock", () => {
    const history = together().finally({ a: "1 3", b: "1 3" });
    expect(judged(history.history())).toEqual(["lost-update"]);
  });

  test("lose one on the very first turns of a thread", () => {
    const history = handWritten()
      .say(2, { on: "a", client: "c2" })
      .say(3, { on: "b", client: "c3" })
      .modelCall(2, "")
      .modelCall(3, "")
      .ok(2)
      .ok(3)
      .finally({ a: "3", b: "3" });
    expect(judged(history.history())).toEqual(["lost-update"]);
  });

  test("tear one another", () => {
    const history = together().finally({ a: "1 q2 q3 a3 a2", b: "1 q2 q3 a3 a2" });
    expect(judged(history.history())).toEqual(["lost-update"]);
  });

  test("are lost as well when a restart comes between", () => {
    const history = together().restart("a").restart("b").finally({ a: "1 3", b: "1 3" });
    expect(judged(history.history())).toEqual(["lost-update"]);
  });

  test("are fine if both are there in either order", () => {
    expect(judged(together().finally({ a: "1 3 2", b: "1 3 2" }).history())).toBe("holds");
    expect(judged(together().finally({ a: "1 2 3", b: "1 2 3" }).history())).toBe("holds");
  });

  test("are fine if the second is refused, or its outcome is unknown", () => {
    const begun = () =>
      handWritten()
        .say(1, { client: "c1" })
        .modelCall(1, "")
        .failed(2, { client: "c2" })
        .ok(1)
        .finally({ a: "1", b: "1" });
    expect(judged(begun().history())).toBe("holds");
    const unknown = handWritten().ok(1, { sees: "" }).unknown(2, { sees: "1" });
    expect(judged(unknown.finally({ a: "1", b: "1" }).history())).toBe("holds");
  });
});

test("a replica that falls back to its own memory is one cause, not a lost update as well", () => {
  const history = handWritten()
    .ok(1, { on: "a", sees: "" })
    .restart("a")
    .ok(2, { on: "a", sees: "" })
    .ok(3, { on: "b", sees: "1" })
    .ok(4, { on: "a", sees: "2" })
    .finally({ a: "2 4", b: "1 3" });
  expect(judged(history.history())).toEqual(["split-brain"]);
});

describe("a replica that is paused in a turn, and goes on", () => {
  /** Turn 3 is saved by the other one; `stopped` and `on` are the pauses around it. */
  const thawed = (stopped: string, on: string) =>
    handWritten()
      .ok(1, { on: "a", sees: "" })
      .say(2, { on: "a", client: "c2" })
      .modelCall(2, "1")
      .signal(stopped, "SIGSTOP")
      .ok(3, { on: "b", sees: "1" })
      .read("1 3", { on: "b" })
      .signal(on, "SIGCONT");

  test("overwrites a turn that was saved meanwhile", () => {
    const history = () => thawed("a", "a").ok(2);
    expect(judged(history().finally({ a: "1 2", b: "1 2" }).history())).toEqual(["zombie-write"]);
    // Where its client has gone, and where branches have grown together, it is the same.
    const gone = thawed("a", "a").unknown(2).finally({ a: "1 2", b: "1 2" });
    expect(judged(gone.history())).toEqual(["zombie-write"]);
    const torn = history().read("1 3 q2", { on: "b" }).finally({ a: "1 2", b: "1 2" });
    expect(judged(torn.history())).toEqual(["zombie-write"]);
  });

  test("a replica that was cut off the network does the same once it is back", () => {
    const cut = (replica: string) =>
      handWritten()
        .ok(1, { on: "a", sees: "" })
        .say(2, { on: "a", client: "c2" })
        .modelCall(2, "1")
        .isolate("isolate", replica)
        .ok(3, { on: "b", sees: "1" })
        .heal("isolate")
        .ok(2)
        .finally({ a: "1 2", b: "1 2" });
    expect(judged(cut("a").history())).toEqual(["zombie-write"]);
    expect(judged(cut("b").history())).toEqual(["lost-update"]);
  });

  test("is no cause if another replica was paused, or the pause is not over", () => {
    const another = thawed("b", "b").ok(2).finally({ a: "1 2", b: "1 2" });
    expect(judged(another.history())).toEqual(["lost-update"]);
    const still = thawed("a", "b").ok(2).finally({ a: "1 2", b: "1 2" });
    expect(judged(still.history())).toEqual(["lost-update"]);
  });

  test("has lost nothing if both are there", () => {
    const history = thawed("a", "a").ok(2).finally({ a: "1 3 2", b: "1 3 2" });
    expect(judged(history.history())).toBe("holds");
  });
});

describe("a replica whose clock is ahead", () => {
  const skewed = (replica: string, clockAheadMs: number) =>
    handWritten()
      .ok(1, { on: "b", sees: "" })
      .exit(replica)
      .entry({
        ...{ kind: "replica.start", replica, pid: 2, boot: 0, changed: [] },
        ...(clockAheadMs === 0 ? {} : { clockAheadMs }),
      })
      .ok(2, { on: "a", sees: "1" });

  test("hides the turns of the others after it", () => {
    const next = skewed("a", 5_000).ok(3, { on: "b", sees: "1 2" });
    const history = () => next.ok(4, { on: "a", sees: "1 2" });
    expect(judged(history().finally({ a: "1 2 4", b: "1 2 4" }).history())).toEqual([
      "ordered-by-clock",
    ]);
  });

  test("is no cause of a turn that was lost before, nor if no clock is ahead", () => {
    const before = skewed("b", 5_000).finally({ a: "1", b: "1" });
    expect(judged(before.history())).toEqual(["unexplained"]);
    const right = skewed("a", 0).ok(3, { on: "b", sees: "1 2" }).finally({ a: "1 2", b: "1 2" });
    expect(judged(right.history())).toEqual(["unexplained"]);
  });
});

test("a turn that was acknowledged before it was saved is lost with its process", () => {
  const history = handWritten()
    .ok(1, { on: "a", sees: "" })
    .ok(2, { on: "b", sees: "1" })
    .ok(3, { on: "a", sees: "1 2" })
    .restart("a");
  expect(judged(history.finally({ a: "1 2", b: "1 2" }).history())).toEqual(["lost-turn"]);
  const next = history.ok(4, { on: "b", sees: "1 2" }).finally({ a: "1 2 4", b: "1 2 4" });
  expect(judged(next.history())).toEqual(["lost-turn"]);
});

describe("a read from the past", () => {
  const lagging = (sees: string) =>
    handWritten()
      .ok(1, { on: "a", sees: "" })
      .ok(2, { on: "a", sees: "1" })
      .read(sees, { on: "b", client: "reader" })
      .finally({ a: "1 2", b: "1 2" });

  test("is stale", () => {
    expect(judged(lagging("1").history())).toEqual(["stale-read"]);
    expect(judged(lagging("").history())).toEqual(["stale-read"]);
    expect(judged(lagging("1 2").history())).toBe("holds");
  });

  test.each([
    ["sequential", "lagging", "holds"],
    ["read-your-writes", "less", "holds"],
    ["monotonic-reads", "less", ["stale-read"]],
    ["monotonic-reads", "own", "holds"],
    ["read-your-writes", "own", ["stale-read"]],
    ["read-your-writes", "both", ["stale-read"]],
    ["sequential", "less", ["stale-read"]],
  ] as const)("under a promise of %s: %s", (level, which, says) => {
    const two = () => handWritten(header).ok(1, { sees: "" }).ok(2, { sees: "1", client: "c2" });
    const header = { promises: { memory: { level, window: null } } };
    const written = {
      // A client that has seen nothing before sees less than others had.
      lagging: () => two().read("1", { client: "reader" }),
      // It sees less than it had seen itself.
      less: () => two().read("1 2", { client: "reader" }).read("1", { client: "reader" }),
      // It does not see its own turn.
      own: () => two().read("1", { client: "c2" }),
      both: () => two().read("1 2", { client: "c2" }).read("1", { client: "c2" }),
    }[which]();
    expect(judged(written.finally({ a: "1 2", b: "1 2" }).history())).toEqual(says);
  });
});

describe("a graph without a checkpointer", () => {
  test("remembers nothing on one replica", () => {
    const history = handWritten().ok(1, { sees: "" }).ok(2, { sees: "" }).ok(3, { sees: "" });
    expect(judged(history.history())).toEqual(["no-memory"]);
  });

  test("remembers nothing on two, nor over a restart", () => {
    const history = handWritten()
      .ok(1, { on: "a", sees: "", list: "1" })
      .ok(2, { on: "b", sees: "", list: "2" })
      .ok(3, { on: "a", sees: "", list: "3" })
      .restart("a")
      .finally({ a: "", b: "" });
    expect(judged(history.history())).toEqual(["no-memory"]);
  });
});
