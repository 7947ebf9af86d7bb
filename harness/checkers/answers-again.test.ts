import { expect, test } from "vitest";
import { answersAgain } from "./answers-again.ts";
import { handWritten } from "../../test/support/hand-written.ts";

type HandWritten = ReturnType<typeof handWritten>;

const promises = { recoveryMs: 1_000 };

/** One turn of the workload, and the final phase. */
function healed(): HandWritten {
  return handWritten({ promises }).ok(1, { sees: "" }).phase("final");
}

/** The process of a replica ends by itself. */
function dies(history: HandWritten, lastLines: readonly string[]): HandWritten {
  const how = { pid: 1, code: 1, signal: null, asked: false, lastLines };
  return history.entry({ kind: "replica.exit", replica: "a", ...how });
}

/** Started again within the same boot. */
function starts(history: HandWritten): HandWritten {
  return history.entry({ kind: "replica.start", replica: "a", pid: 2, boot: 0, changed: [] });
}

function kindsIn(history: HandWritten) {
  const verdict = answersAgain.judge(history.history());
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

test("a thread whose last turn is ok in time holds", () => {
  const history = healed().ok(2, { purpose: "last", sees: "1" }).history();
  expect(answersAgain.judge(history)).toEqual({ kind: "holds", checked: 1 });
});

test("a retry of the last turn counts, as long as it is in time", () => {
  const busy = healed().failed(2, { purpose: "last" });
  expect(kindsIn(busy.wait(900).ok(2))).toBe("holds");
  const late = healed().failed(2, { purpose: "last" });
  expect(answersAgain.judge(late.wait(1_000).ok(2).history())).toMatchObject({
    diagnoses: [
      {
        kind: "stuck-thread",
        because: expect.stringMatching(
          /thread t .* within 1000 ms .* on a: ok after 1004 ms; it came back by itself after 1002 ms$/,
        ),
      },
    ],
  });
});

test("a slow answer to the first attempt counts: a busy machine makes no thread stuck", () => {
  const slow = healed().wait(5_000).say(2, { purpose: "last" }).wait(5_000).ok(2);
  expect(kindsIn(slow)).toBe("holds");
});

test("a thread that never answers again is stuck, and the diagnosis shows its last outcome", () => {
  const history = healed().unknown(2, { purpose: "last", why: "500 lock timeout" }).history();
  expect(answersAgain.judge(history)).toMatchObject({
    diagnoses: [
      { kind: "stuck-thread", because: expect.stringMatching(/unknown: 500 lock timeout/) },
    ],
  });
});

test("a stuck thread comes back by itself, after a restart, or never", () => {
  const begun = () => healed().unknown(2, { purpose: "last", why: "500" }).wait(500).unknown(2);
  const because = (history: HandWritten) => {
    const verdict = answersAgain.judge(history.history());
    return verdict.kind === "violated" ? verdict.because : verdict.kind;
  };
  expect(because(begun().wait(1_000).ok(2))).toMatch(/; it came back by itself after 15\d\d ms$/);
  const restarted = () => starts(begun().phase("restart").exit("a"));
  expect(because(restarted().ok(2))).toMatch(/; it needs a restart: it answered once /);
  expect(because(restarted().unknown(2))).toMatch(
    /; it never answered again, in 50\d ms of asking, nor after a restart of all replicas$/,
  );
  expect(because(begun())).toMatch(/; it never answered again, in 50\d ms of asking$/);
});

test("the time of the slowest thread is measured if all came back by themselves", () => {
  const { measure } = answersAgain;
  const late = healed().failed(2, { purpose: "last" }).wait(500).ok(2);
  const figure = { name: "recoveryMs", measured: 502, allowed: 1_000 };
  expect(measure?.(late.history())).toEqual([figure]);
  const never = healed().unknown(2, { purpose: "last" });
  expect(measure?.(never.history())).toEqual([]);
});

test("a replica that could not be asked before its restart needs a restart", () => {
  const down = starts(handWritten({ promises }).ok(1).exit("a"))
    .entry({ kind: "replica.unready", replica: "a", why: "pool exhausted" })
    .phase("final")
    .phase("restart")
    .restart("a")
    .ok(2, { purpose: "last" });
  // A new boot number would belong to a scenario; this restart is the engine's.
  const history = down.history();
  const entries = history.entries.map((it) =>
    it.kind === "replica.start" ? { ...it, boot: 0 } : it,
  );
  expect(answersAgain.judge({ ...history, entries })).toMatchObject({
    because: expect.stringMatching(/pool exhausted; .*no replica was ready .*needs a restart/),
  });
});

test("a thread whose transcript the model refuses is orphaned, and nothing else", () => {
  const refused = healed()
    .say(2, { purpose: "last" })
    .modelCall(2, "1", { malformed: "tool_calls without tool messages" })
    .unknown(2);
  expect(kindsIn(refused)).toEqual(["orphaned-tool-call"]);
});

test("warm-up turns and deleted threads need no answer", () => {
  const history = handWritten({ promises })
    .ok(8, { thread: "w", purpose: "warm-up" })
    .ok(1)
    .ok(2, { thread: "gone" })
    .deleted("gone")
    .phase("final")
    .ok(3, { purpose: "last" });
  expect(answersAgain.judge(history.history())).toEqual({ kind: "holds", checked: 1 });
});

test("a process that dies by itself is a violation, even if all threads answer again", () => {
  const died = dies(handWritten({ promises }).ok(1), [
    "Error: Connection terminated unexpectedly",
    "    at Client._handleErrorEvent (node_modules/pg/lib/client.js)",
  ]);
  const history = starts(died)
    .entry({ kind: "replica.ready", replica: "a", afterMs: 1 })
    .phase("final")
    .ok(2, { purpose: "last" })
    .history();
  expect(answersAgain.judge(history)).toMatchObject({
    diagnoses: [
      {
        kind: "process-died",
        because: expect.stringMatching(/replica a ended unasked, code 1: .*client\.js/),
        remedy: expect.stringMatching(/pool\.on\('connect'/),
      },
    ],
  });
});

test("a death that has nothing to do with Postgres has another remedy", () => {
  const died = dies(healed(), ["TypeError: x is not a function"]).ok(2, {
    on: "b",
    purpose: "last",
  });
  expect(answersAgain.judge(died.history())).toMatchObject({
    diagnoses: [{ kind: "process-died", remedy: expect.not.stringMatching(/pool/) }],
  });
});

test("the death of a process explains turns that it did not answer", () => {
  const dead = dies(healed(), ["boom"]).failed(2, { purpose: "last", why: "refused" });
  expect(kindsIn(dead)).toEqual(["process-died"]);
  const other = dies(healed(), ["boom"]).failed(2, { on: "b", purpose: "last" });
  expect(kindsIn(other)).toEqual(["process-died", "stuck-thread"]);
});

test("an exit that the harness caused, or one of a replica that was never ready, is no death", () => {
  const killed = handWritten({ promises }).ok(1).exit("a").phase("final");
  expect(kindsIn(killed.ok(2, { on: "b", purpose: "last" }))).toBe("holds");
  const unborn = starts(handWritten({ promises, replicas: [] }));
  expect(kindsIn(dies(unborn, ["42501 permission denied"]))).toBe("holds");
});

test("a process that starts while its database is away may end, and starts again", () => {
  const cut = "the database is cut off";
  const ends = (history: HandWritten) => dies(starts(history.exit("a")), ["ECONNREFUSED"]);
  const again = (history: HandWritten) =>
    starts(history)
      .entry({ kind: "replica.ready", replica: "a", afterMs: 1 })
      .phase("final")
      .ok(2, { purpose: "last" });
  const begun = () => handWritten({ promises }).ok(1);
  expect(kindsIn(again(ends(begun().outage(cut)).heal(cut)))).toBe("holds");
  expect(kindsIn(again(ends(begun().outage(cut).heal(cut))))).toEqual(["process-died"]);
});

test("a replica that is not ready again after a restart leaves its threads stuck", () => {
  const restarted = starts(handWritten({ promises }).ok(1).exit("a"));
  const unready = restarted
    .entry({ kind: "replica.unready", replica: "a", why: "pool exhausted" })
    .phase("final");
  expect(answersAgain.judge(unready.history())).toMatchObject({
    diagnoses: [{ kind: "stuck-thread", because: expect.stringMatching(/pool exhausted/) }],
  });
});

test("a scenario of several boots, or without a sound turn, has no last turns to judge", () => {
  expect(kindsIn(handWritten().ok(1).restart("a"))).toBe("holds");
  expect(kindsIn(handWritten().failed(1, { sound: false, threadId: "" }).phase("final"))).toBe(
    "holds",
  );
});

test("without a final phase, or without a last turn, nothing is known", () => {
  expect(kindsIn(handWritten().ok(1))).toBe("inconclusive");
  expect(kindsIn(healed())).toBe("inconclusive");
  expect(kindsIn(dies(healed(), []))).toEqual(["process-died"]);
});
