import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { readyMeansServing } from "./ready-means-serving.ts";

type HandWritten = ReturnType<typeof handWritten>;

const missing = '500 42P01 relation "checkpoints" does not exist';

/** A boot of replica a that did not become ready. */
function unready(why: string): HandWritten {
  return handWritten({ replicas: [] })
    .entry({ kind: "replica.start", replica: "a", pid: 1, boot: 0, changed: [] })
    .entry({ kind: "replica.unready", replica: "a", why });
}

function kindsIn(history: HandWritten) {
  const verdict = readyMeansServing.judge(history.history());
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

test("ready replicas that answer hold, even if they wait for an approval", () => {
  const history = handWritten().ok(1, { on: "a" }).interrupted(2, { on: "b" }).history();
  expect(readyMeansServing.judge(history)).toEqual({ kind: "holds", checked: 2 });
});

test("a replica that says ready and cannot answer is not initialised", () => {
  const history = handWritten().unknown(1, { on: "a", why: missing }).ok(2, { on: "b" });
  expect(readyMeansServing.judge(history.history())).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "not-initialised",
        because: expect.stringMatching(/^replica a said ready.*: unknown: 500 42P01/),
      },
    ],
  });
});

test("only the first turn counts, and no warm-up or stray turn", () => {
  expect(kindsIn(handWritten().ok(1).unknown(2))).toBe("holds");
  const others = handWritten()
    .unknown(1, { purpose: "warm-up" })
    .failed(2, { sound: false, threadId: "" })
    .ok(3);
  expect(kindsIn(others)).toBe("holds");
});

test("each life is judged", () => {
  const history = handWritten().ok(1).restart("a").unknown(2, { why: missing });
  expect(kindsIn(history)).toEqual(["not-initialised"]);
});

test("a turn during which the harness killed the replica is no answer, and a fatal turn is one", () => {
  expect(kindsIn(handWritten().say(1).exit("a").unknown(1))).toBe("inconclusive");
  const fatal = () => handWritten().say(1).exit("a", "SIGABRT", false);
  expect(kindsIn(fatal().unknown(1, { why: missing }))).toEqual(["not-initialised"]);
});

test("only an error that says so shows missing tables", () => {
  expect(kindsIn(handWritten().unknown(1, { why: "500" }))).toEqual(["unanswered-turn"]);
  const json = 'relation \\"public.checkpoints\\" does not exist';
  expect(kindsIn(handWritten().unknown(1, { why: json }))).toEqual(["not-initialised"]);
  const prepared = 'prepared statement "_pg3_0" does not exist';
  expect(kindsIn(handWritten().unknown(1, { why: prepared }))).toEqual(["prepared-statement-lost"]);
});

test("a replica that is not ready and says why holds, and one without a reason is silent", () => {
  const history = unready("run the migrations first").history();
  expect(readyMeansServing.judge(history)).toEqual({ kind: "holds", checked: 1 });
  expect(kindsIn(unready(" \n"))).toEqual(["silent-refusal"]);
});

test("ready replicas without a turn are nothing to judge", () => {
  expect(kindsIn(handWritten())).toBe("inconclusive");
});
