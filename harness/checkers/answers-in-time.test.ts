import { expect, test } from "vitest";
import { answersInTime } from "./answers-in-time.ts";
import { handWritten } from "../../test/support/hand-written.ts";

type HandWritten = ReturnType<typeof handWritten>;

const promises = { answerMs: 1_000 };
const locked = "tables are locked";

const begun = () => handWritten({ promises }).ok(1).outage(locked);
const verdictOf = (history: HandWritten) => answersInTime.judge(history.history());

test("an error in time is as good as an answer", () => {
  const why = "503 canceling statement due to statement timeout";
  const history = begun().say(2).wait(990).unknown(2, { why }).heal(locked);
  expect(verdictOf(history)).toEqual({ kind: "holds", checked: 1 });
});

test("a turn that is answered only once the fault is healed has hung", () => {
  expect(verdictOf(begun().say(2).wait(1_100).heal(locked).ok(2))).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "hung-turn",
        because: expect.stringMatching(
          /^turn tpq-00000002 on a waited 1101 ms \(.*\), where .* within 1000 ms .*: ok$/,
        ),
        remedy: expect.stringMatching(/query_timeout/),
        faults: [locked],
      },
    ],
  });
});

test("a model that gives no reply is an outage, with another remedy", () => {
  const silent = "the model is silent";
  const begun = handWritten({ promises }).ok(1).outage(silent, "replies").say(2);
  expect(verdictOf(begun.wait(1_100).unknown(2).heal(silent))).toMatchObject({
    diagnoses: [{ kind: "hung-turn", remedy: expect.stringMatching(/^Bound .* the model/) }],
  });
});

test("a turn that never ends has hung, and others are counted", () => {
  const history = begun().say(2).say(3, { thread: "u" }).wait(1_100).heal(locked).phase("final");
  expect(verdictOf(history)).toMatchObject({
    diagnoses: [{ because: expect.stringMatching(/tpq-00000002 .* never ended \(and 1 more\)$/) }],
  });
});

test("a fault that is never healed counts to the end", () => {
  expect(verdictOf(begun().say(2).wait(1_100).phase("final")).kind).toBe("violated");
});

test("time before and after the outage does not count", () => {
  const late = handWritten({ promises }).say(1).wait(5_000).outage(locked).wait(900).heal(locked);
  expect(verdictOf(late.wait(5_000).ok(1))).toEqual({ kind: "holds", checked: 1 });
});

test("the time in which the harness holds a call does not count", () => {
  const hold = "hold book";
  const held = () => begun().say(2).fault(hold).wait(5_000).heal(hold).wait(900);
  expect(verdictOf(held().ok(2)).kind).toBe("holds");
  expect(verdictOf(held().wait(200).ok(2)).kind).toBe("violated");
});

test("without a turn of the workload in an outage there is nothing to judge", () => {
  const healed = () => begun().heal(locked);
  expect(verdictOf(healed().ok(2)).kind).toBe("inconclusive");
  expect(verdictOf(handWritten().fault("kill a").ok(1).heal("kill a")).kind).toBe("inconclusive");
  const last = begun().say(2, { purpose: "last" }).wait(5_000).ok(2).heal(locked);
  expect(verdictOf(last).kind).toBe("inconclusive");
});
