import { expect, test } from "vitest";
import { effectsHappenOnce } from "./effects-happen-once.ts";
import { handWritten } from "../../test/support/hand-written.ts";

const steps = ["search", "book"];

function kindsIn(history: ReturnType<ReturnType<typeof handWritten>["history"]>) {
  const verdict = effectsHappenOnce.judge(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict;
}

test("two steps that took effect once each hold, the warm-up's are not counted", () => {
  const history = handWritten()
    .say(9, { thread: "w", purpose: "warm-up", steps })
    .ok(9)
    .say(1, { steps })
    .tool(1, "search", { ordinal: 1 })
    .tool(1, "book", { ordinal: 2 })
    .ok(1)
    .history();
  expect(kindsIn(history)).toEqual({ kind: "holds", checked: 2 });
});

test("a second call with the same key is an attempt, not an effect", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .tool(1, "book", { key: "k" })
    .unknown(1)
    .say(1, { on: "b" })
    .tool(1, "book", { key: "k", admitted: false })
    .ok(1)
    .history();
  expect(kindsIn(history)).toEqual({ kind: "holds", checked: 1 });
});

test("two effects under different keys are one duplicated effect that names both keys", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .tool(1, "book", { key: "k1" })
    .unknown(1)
    .say(1, { on: "b" })
    .tool(1, "book", { key: "k2" })
    .ok(1)
    .history();
  const verdict = effectsHappenOnce.judge(history);
  expect(verdict).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "duplicated-effect",
        because:
          "step 1 (book) of turn tpq-00000001 took effect 2 times in 2 calls and 2 attempts, " +
          "on a and b: the keys differed (k1 and k2)",
      },
    ],
  });
  expect(verdict.kind === "violated" && verdict.evidence.length).toBeLessThanOrEqual(12);
});

test("two effects without a key say so, even if the turn stayed unknown", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .tool(1, "book", { key: null })
    .tool(1, "book", { key: null })
    .unknown(1)
    .history();
  expect(effectsHappenOnce.judge(history)).toMatchObject({
    diagnoses: [
      { kind: "duplicated-effect", because: expect.stringMatching(/no idempotency key was sent$/) },
    ],
  });
});

test("an ok turn without an effect of its tool misses it; a call without an answer is no effect", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .entry({
      kind: "tool.call",
      call: "unanswered",
      replica: "a",
      tool: "book",
      turn: "tpq-00000001",
      ordinal: 1,
      key: "k",
    })
    .ok(1)
    .history();
  expect(kindsIn(history)).toEqual(["missing-effect"]);
});

test("an unknown turn may lack its effect", () => {
  const history = handWritten().say(1, { steps }).unknown(1).history();
  expect(kindsIn(history)).toEqual({ kind: "holds", checked: 2 });
});

test("a refused turn has no effect at all", () => {
  const refused = handWritten().say(1, { steps: ["book"] });
  expect(kindsIn(refused.failed(1).history())).toEqual({ kind: "holds", checked: 1 });
  const acting = handWritten()
    .say(1, { steps: ["book"] })
    .tool(1, "book")
    .failed(1);
  expect(kindsIn(acting.history())).toEqual(["effect-of-a-refused-turn"]);
});

test("a 409 on the second attempt does not make it a refused turn", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .tool(1, "book")
    .unknown(1)
    .say(1)
    .failed(1)
    .history();
  expect(kindsIn(history)).toEqual({ kind: "holds", checked: 1 });
});

test("a call without a turn may be the one that seems to be missing", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .entry({
      kind: "tool.call",
      call: "stray",
      replica: "a",
      tool: "book",
      turn: null,
      ordinal: null,
      key: null,
    })
    .ok(1)
    .history();
  expect(kindsIn(history)).toMatchObject({
    kind: "inconclusive",
    because: expect.stringMatching(/step 1 \(book\)/),
  });
});

test("a workload without tool steps is nothing to judge", () => {
  expect(kindsIn(handWritten().ok(1, { sees: "" }).history())).toMatchObject({
    kind: "inconclusive",
  });
});

test("two tools that one message asks for are two steps", () => {
  const turn = () => handWritten().say(1, { steps: ["search+book"] });
  const done = turn().tool(1, "book", { ordinal: 2 }).tool(1, "search", { ordinal: 1 });
  expect(kindsIn(done.ok(1).history())).toEqual({ kind: "holds", checked: 2 });
  const half = turn().tool(1, "search", { ordinal: 1 });
  expect(kindsIn(half.ok(1).history())).toEqual(["missing-effect"]);
});
