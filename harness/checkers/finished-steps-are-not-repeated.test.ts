import { expect, test } from "vitest";
import { finishedStepsAreNotRepeated } from "./finished-steps-are-not-repeated.ts";
import { handWritten } from "../../test/support/hand-written.ts";

type HandWritten = ReturnType<typeof handWritten>;

/** "m1 t1 m2": model call 1, tool 1, model call 2 of turn 1, on the replica of its attempt. */
function run(history: HandWritten, calls: string): HandWritten {
  for (const call of calls.split(" ")) {
    const ordinal = Number(call.slice(1));
    if (call.startsWith("m")) history.modelCall(1, "", { ordinal });
    else history.tool(1, `tool-${ordinal}`, { ordinal });
  }
  return history;
}

/** Turn 1 with some calls on a, a kill, and the rest on b. */
function resumed(before: string, after: string) {
  const killed = run(handWritten().say(1, { on: "a" }), before).fault("kill a", "a");
  const healed = killed.exit("a").unknown(1).heal("kill a").say(1, { on: "b" });
  return finishedStepsAreNotRepeated.judge(run(healed, after).ok(1).history());
}

test("a turn that ran once through holds, with every call checked", () => {
  const history = run(handWritten().say(1), "m1 t1 m2 t2 m3").ok(1).history();
  expect(finishedStepsAreNotRepeated.judge(history)).toEqual({ kind: "holds", checked: 5 });
});

test("only the step in flight runs again, be it a tool or a model call", () => {
  expect(resumed("m1 t1 m2 t2", "t2 m3")).toEqual({ kind: "holds", checked: 6 });
  expect(resumed("m1 t1 m2", "m2 t2 m3")).toEqual({ kind: "holds", checked: 6 });
  expect(resumed("m1", "m1 m1 t1 m2")).toEqual({ kind: "holds", checked: 5 });
});

test("one step too many that runs again is a repetition, and the kill before it is named", () => {
  expect(resumed("m1 t1 m2 t2", "m2 t2 m3")).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "repeated-steps",
        because:
          "turn tpq-00000001: 1 finished step began again on b (model call 2), " +
          "though tool-2 2 had begun on a",
        faults: ["kill a"],
      },
    ],
  });
});

test("a turn that starts over repeats all its finished steps, but not the one in flight", () => {
  expect(resumed("m1 t1 m2 t2", "m1 t1 m2 t2 m3")).toMatchObject({
    diagnoses: [
      {
        because: expect.stringMatching(
          /3 finished steps .*\(model call 1, tool-1 1 and model call 2\)/,
        ),
      },
    ],
  });
});

test("tools that were asked for together are finished only when the model is called again", () => {
  expect(resumed("m1 t1 t2", "t1 t2 m3")).toEqual({ kind: "holds", checked: 6 });
  expect(resumed("m1 t2 t1", "t2 m3")).toEqual({ kind: "holds", checked: 5 });
  expect(resumed("m1 t1 t2 m3", "t1 t2 m3")).toMatchObject({
    diagnoses: [{ because: expect.stringMatching(/\(tool-1 1 and tool-2 2\)/) }],
  });
});

test("a step that never began before is no repetition", () => {
  expect(resumed("m1 m2", "t1 m2 t2 m3")).toEqual({ kind: "holds", checked: 6 });
});

test("many repetitions are one diagnosis with bounded evidence", () => {
  const verdict = resumed("m1 t1 m2 t2 m3 t3 m4 t4", "m1 t1 m2 t2 m3 t3 m4 t4 m5");
  expect(verdict.kind === "violated" && verdict.diagnoses.length).toBe(1);
  expect(verdict.kind === "violated" && verdict.evidence.length).toBeLessThanOrEqual(12);
});

test("side calls and warm-ups are nothing to judge", () => {
  const side = {
    kind: "model.call",
    call: "title",
    replica: "a",
    turn: null,
    ordinal: 0,
    list: [],
    malformed: null,
    transcript: [],
  } as const;
  const history = handWritten()
    .ok(1, { thread: "w", purpose: "warm-up", sees: "" })
    .entry(side)
    .entry(side)
    .history();
  expect(finishedStepsAreNotRepeated.judge(history)).toMatchObject({ kind: "inconclusive" });
});

/** As `resumed`, of a turn whose model asks for two tools at once. */
function resumedTogether(before: string, after: string) {
  const said = handWritten().say(1, { on: "a", steps: ["search+book"] });
  const killed = run(said, before).exit("a").unknown(1).say(1, { on: "b" });
  return finishedStepsAreNotRepeated.judge(run(killed, after).ok(1).history());
}

test("tools that were asked for at once are in flight until the next model call", () => {
  expect(resumedTogether("m1 t1 t2", "t1 t2 m2")).toEqual({ kind: "holds", checked: 6 });
  expect(resumedTogether("m1 t1 t2 m2", "m2")).toEqual({ kind: "holds", checked: 5 });
});

test("the second of two at once is as finished as the first, once the model was called", () => {
  expect(resumedTogether("m1 t1 t2 m2", "t2 m2")).toMatchObject({
    diagnoses: [
      { because: expect.stringContaining("1 finished step began again on b (tool-2 2)") },
    ],
  });
  expect(resumedTogether("m1 t2", "m1 t1 t2 m2")).toMatchObject({
    diagnoses: [{ because: expect.stringContaining("(model call 1)") }],
  });
});
