import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { answersUndisturbed } from "./answers-undisturbed.ts";

type HandWritten = ReturnType<typeof handWritten>;

const promises = { recoveryMs: 1_000, answerMs: 5_000 };
const cut = "cut the idle connections";

function verdictOf(history: HandWritten) {
  return answersUndisturbed.judge(history.history());
}

function kindsIn(history: HandWritten) {
  const verdict = verdictOf(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** A turn that was answered, so that the service and its configuration are known to work. */
function answered(): HandWritten {
  return handWritten({ promises }).ok(1, { sees: "" });
}

test("an empty stream without any fault is an unanswered turn, and the first is quoted", () => {
  const history = answered().unknown(2, { why: "the stream was empty", status: 200 });
  expect(verdictOf(history.ok(3))).toMatchObject({
    kind: "violated",
    because:
      "1 of 3 attempts that nothing disturbed were not answered, first turn tpq-00000002 on a " +
      "(unknown: the stream was empty)",
    diagnoses: [{ kind: "unanswered-turn" }],
  });
});

test("a refusal, a warm-up that is answered and a turn with a stray id hold", () => {
  const history = answered().failed(2).ok(3).unknown(4, { sound: false });
  expect(verdictOf(history)).toEqual({ kind: "holds", checked: 3 });
});

test("a turn during a fault, or that fails soon after it, holds", () => {
  expect(kindsIn(answered().fault(cut).unknown(2).heal(cut).ok(3))).toBe("holds");
  expect(kindsIn(answered().fault(cut).heal(cut).wait(500).unknown(2).ok(3))).toBe("holds");
  expect(kindsIn(answered().fault(cut).wait(100).unknown(2))).toBe("holds");
});

test("a turn that hangs after a fault is unanswered, and one long after it is", () => {
  const hangs = answered().fault(cut).heal(cut).say(2).wait(30_000).unknown(2);
  expect(kindsIn(hangs)).toEqual(["unanswered-turn"]);
  const later = answered().fault(cut).heal(cut).wait(1_500).unknown(2);
  expect(kindsIn(later)).toEqual(["unanswered-turn"]);
});

test("a thread that a fault has left unfinished is another checker's question", () => {
  const stuck = answered().fault(cut).unknown(2).heal(cut).wait(1_500).unknown(3);
  expect(kindsIn(stuck)).toBe("holds");
  expect(kindsIn(stuck.ok(4).unknown(5))).toEqual(["unanswered-turn"]);
});

test("while a replica is away, or starts again, a turn may fail", () => {
  const down = answered().signal("b", "SIGTERM").unknown(2).exit("b", "SIGTERM").unknown(3);
  expect(kindsIn(down.start("b").wait(500).unknown(4))).toBe("holds");
  const up = answered().restart("b").wait(1_500).unknown(2);
  expect(kindsIn(up)).toEqual(["unanswered-turn"]);
});

test("turns at once on one thread are not judged here, and neither is what the model refused", () => {
  const busy = answered().say(2).say(3).unknown(3, { why: "500" }).ok(2);
  expect(kindsIn(busy)).toBe("holds");
  const malformed = answered().say(2).modelCall(2, "1", { malformed: "no result" }).unknown(2);
  expect(kindsIn(malformed)).toBe("holds");
});

test("while the thread waits for an approval only the approval is judged", () => {
  const waits = answered().interrupted(2);
  expect(kindsIn(waits.unknown(3))).toBe("holds");
  expect(kindsIn(answered().interrupted(2).unknown(2))).toEqual(["unanswered-turn"]);
});

test("an error that names its cause is named, even if no turn is answered", () => {
  const failing = (why: string) => handWritten({ promises }).unknown(1, { why, status: 500 });
  expect(kindsIn(failing('500: relation "checkpoints" does not exist'))).toEqual([
    "not-initialised",
  ]);
  expect(kindsIn(failing('500: prepared statement "_pg3_0" already exists'))).toEqual([
    "prepared-statement-lost",
  ]);
  expect(verdictOf(failing("500"))).toEqual({
    kind: "inconclusive",
    because:
      "no turn was answered, though nothing disturbed the service: turn tpq-00000001 on a " +
      "(unknown: 500)",
  });
});

test("turns that starve each other of connections differ from one that fails alone", () => {
  const why = "502: timeout exceeded when trying to connect";
  const crowd = answered().say(2, { thread: "u" }).say(3, { thread: "v" }).say(4, { thread: "w" });
  expect(kindsIn(crowd.unknown(2, { why }).unknown(3, { why }).unknown(4, { why }))).toEqual([
    "pool-starvation",
  ]);
  expect(kindsIn(answered().unknown(2, { why }))).toEqual(["unanswered-turn"]);
});
