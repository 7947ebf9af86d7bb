import { expect, test } from "vitest";
import { answersInTime } from "./answers-in-time.ts";
import { handWritten } from "./hand-written.ts";

const promises = { answerMs: 1_000 };
const locked = "no saves: tables are locked";

test("an error in time is as good as an answer", () => {
  const history = handWritten({ promises })
    .ok(1)
    .fault(locked)
    .say(2)
    .wait(990)
    .unknown(2, { why: "503 canceling statement due to statement timeout" })
    .heal(locked);
  expect(answersInTime.judge(history.history())).toEqual({ kind: "holds", checked: 2 });
});

test("a turn that is answered only once the fault is healed has hung", () => {
  const history = handWritten({ promises }).fault(locked).say(1).wait(1_100).heal(locked).ok(1);
  expect(answersInTime.judge(history.history())).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "hung-turn",
        because: expect.stringMatching(
          /^turn turn-1 on a took 1102 ms, where .* within 1000 ms is promised: ok$/,
        ),
        remedy: expect.stringMatching(/query_timeout/),
        faults: [locked],
      },
    ],
  });
});

test("a turn that never ends has hung, and others are counted", () => {
  const history = handWritten({ promises })
    .say(1)
    .say(2, { thread: "u" })
    .wait(1_100)
    .phase("final");
  expect(answersInTime.judge(history.history())).toMatchObject({
    diagnoses: [
      {
        kind: "hung-turn",
        because: expect.stringMatching(/turn-1 .* never ended \(and 1 more\)$/),
      },
    ],
  });
});

test("while a call is kept open by us no time is counted", () => {
  const held = () =>
    handWritten({ promises }).say(1).fault("hold book").wait(5_000).heal("hold book").wait(900);
  expect(answersInTime.judge(held().ok(1).history()).kind).toBe("holds");
  expect(answersInTime.judge(held().wait(200).ok(1).history()).kind).toBe("violated");
});

test("last turns are a matter of recovery; without a turn there is nothing to judge", () => {
  const last = handWritten({ promises }).ok(1).say(2, { purpose: "last" }).wait(5_000).ok(2);
  expect(answersInTime.judge(last.history())).toEqual({ kind: "holds", checked: 1 });
  expect(answersInTime.judge(handWritten().history()).kind).toBe("inconclusive");
});
