import { expect, test } from "vitest";
import { drains } from "./drains.ts";
import { handWritten } from "../../test/support/hand-written.ts";

type HandWritten = ReturnType<typeof handWritten>;

const promises = { drainMs: 1_000 };

function signalled(history: HandWritten, replica = "a", signal = "SIGTERM"): HandWritten {
  return history.entry({ kind: "replica.signal", replica, signal });
}

function exits(history: HandWritten, code: number | null, signal: string | null = null) {
  const how = { pid: 1, code, signal, asked: true, lastLines: [] };
  return history.entry({ kind: "replica.exit", replica: "a", ...how });
}

function kindsIn(history: HandWritten) {
  const verdict = drains.judge(history.history());
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** Turn 1 is in flight on a when a gets SIGTERM. */
const riding = () => signalled(handWritten({ promises }).say(1, { on: "a" }));

test("a turn in flight that is finished before the process ends is a drain", () => {
  const history = exits(riding().wait(500).ok(1), 0).history();
  expect(drains.judge(history)).toEqual({ kind: "holds", checked: 1 });
});

test("without a handler the signal itself may end a replica that is idle", () => {
  const idle = signalled(handWritten({ promises }).ok(1));
  expect(kindsIn(exits(idle, null, "SIGTERM"))).toBe("holds");
  expect(kindsIn(exits(signalled(handWritten({ promises })), 143))).toBe("holds");
});

test("a turn that was cut is no drain, before or after the exit is recorded", () => {
  expect(drains.judge(exits(riding(), null, "SIGTERM").unknown(1).history())).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "no-drain",
        because:
          "after SIGTERM turn tpq-00000001 was cut on a, which ended with signal SIGTERM " +
          "(unknown: socket hang up)",
      },
    ],
  });
  expect(kindsIn(exits(riding().unknown(1), 0))).toEqual(["no-drain"]);
  expect(kindsIn(exits(riding(), 0))).toEqual(["no-drain"]);
});

test("a turn in flight that is refused, or one on another replica, was not cut", () => {
  expect(kindsIn(exits(riding().failed(1), 0))).toBe("holds");
  const elsewhere = handWritten({ promises }).say(1, { on: "b" });
  expect(kindsIn(exits(signalled(elsewhere), 0).unknown(1))).toBe("holds");
});

test("a turn that ended before the signal or began after it was not in flight", () => {
  const before = signalled(handWritten({ promises }).unknown(1));
  expect(kindsIn(exits(before, 0))).toBe("holds");
  const after = exits(signalled(handWritten({ promises })).unknown(1), 0);
  expect(kindsIn(after)).toBe("holds");
});

test("a turn that no replica served was cut", () => {
  const history = handWritten({ promises }).entry({
    kind: "attempt.begin",
    attempt: "x",
    turn: "tpq-0000000x",
    thread: "t",
    client: "c",
    requestId: null,
    threadId: "t",
    sound: true,
    on: null,
    purpose: "workload",
    steps: [],
  });
  expect(kindsIn(exits(signalled(history), 0))).toEqual(["no-drain"]);
});

test("an end with an error is no drain either", () => {
  expect(kindsIn(exits(signalled(handWritten({ promises })), 1))).toEqual(["no-drain"]);
});

test("an exit after the promised time is slow, and the turns that it cuts belong to it", () => {
  expect(kindsIn(exits(signalled(handWritten({ promises })).wait(990), 0))).toBe("holds");
  const late = signalled(signalled(handWritten({ promises })).wait(1_500), "a", "SIGKILL");
  expect(drains.judge(exits(late, null, "SIGKILL").history())).toMatchObject({
    diagnoses: [{ kind: "slow-exit", because: expect.stringMatching(/a ended after 1502 ms/) }],
  });
  const hung = exits(signalled(riding().wait(1_500), "a", "SIGKILL"), null, "SIGKILL").unknown(1);
  expect(kindsIn(hung)).toEqual(["slow-exit"]);
  expect(kindsIn(exits(riding().unknown(1).wait(1_500), 0))).toEqual(["no-drain", "slow-exit"]);
});

test("a drain that the harness did not wait for is nothing to judge", () => {
  expect(kindsIn(signalled(handWritten({ promises })))).toBe("inconclusive");
  const killed = signalled(signalled(handWritten({ promises })).wait(10), "a", "SIGKILL");
  expect(kindsIn(exits(killed, null, "SIGKILL"))).toBe("inconclusive");
});

test("without SIGTERM in the workload there is nothing to judge", () => {
  expect(kindsIn(handWritten({ promises }).ok(1).exit("a"))).toBe("inconclusive");
  expect(kindsIn(signalled(handWritten({ promises }).phase("final")))).toBe("inconclusive");
});
