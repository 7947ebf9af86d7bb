import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { a, q } from "../../test/support/shorthand.ts";
import { repliesAreOwn } from "./replies-are-own.ts";

type HandWritten = ReturnType<typeof handWritten>;

function verdictOf(history: HandWritten) {
  return repliesAreOwn.judge(history.history());
}

function kindsIn(history: HandWritten) {
  const verdict = verdictOf(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** Two threads with a turn each. */
function two(): HandWritten {
  return handWritten().ok(1, { sees: "" }).ok(2, { thread: "u", sees: "" });
}

test("replies to the right turns hold, also if they repeat their thread", () => {
  expect(verdictOf(two())).toEqual({ kind: "holds", checked: 2 });
  const repeats = two().ok(3, { sees: "1", reply: `${a(3)}; before: ${q(1)} ${a(1)}` });
  expect(kindsIn(repeats)).toBe("holds");
});

test("a retry that gets the reply of the first attempt holds", () => {
  const history = two()
    .say(3)
    .modelCall(3, "1")
    .unknown(3)
    .say(3)
    .ok(3, { reply: a(3) });
  expect(kindsIn(history)).toBe("holds");
});

test("the reply to an earlier turn is stale", () => {
  expect(verdictOf(two().ok(3, { sees: "1", reply: a(1) }))).toMatchObject({
    kind: "violated",
    because:
      "turn tpq-00000003 on a was answered with the reply to turn tpq-00000001, an earlier one " +
      "of thread t",
    diagnoses: [{ kind: "stale-reply" }],
  });
});

test("turns that are under way at once may share a reply", () => {
  const merged = two()
    .say(3)
    .say(4)
    .ok(4, { sees: "1 q3" })
    .ok(3, { reply: a(4) });
  expect(kindsIn(merged)).toBe("holds");
});

test("the reply to a turn of another thread is crossed, beside the own one too", () => {
  expect(kindsIn(two().ok(3, { sees: "1", reply: a(2) }))).toEqual(["crossed-reply"]);
  expect(kindsIn(two().ok(3, { sees: "1", reply: `${a(3)} ${a(2)}` }))).toEqual(["crossed-reply"]);
});

test("a reply that shows its whole thread is judged as a list", () => {
  const reply = `${q(2)} ${a(2)} ${a(3)}`;
  expect(kindsIn(two().ok(3, { sees: "1", reply, list: "2 3" }))).toBe("holds");
});

test("what was said in another thread may be quoted, and a stray turn proves nothing", () => {
  expect(kindsIn(two().ok(3, { sees: "1", reply: `${a(3)}: you said ${q(2)}` }))).toBe("holds");
  const stray = two().ok(3, { thread: "v", sound: false, threadId: "t", sees: "1" });
  expect(kindsIn(stray.ok(4, { sees: "1", reply: a(3) }))).toBe("holds");
});

test("without a model wire the messages that replies echo are enough", () => {
  const echo = (turn: number, reply = q(turn)) => ({ thread: "t", reply });
  const history = handWritten().ok(1, echo(1)).ok(2, echo(2));
  expect(kindsIn(history)).toBe("holds");
  expect(kindsIn(history.ok(3, echo(3, q(2))))).toEqual(["stale-reply"]);
});

test("replies that never name their own turn, or none, show nothing", () => {
  expect(verdictOf(handWritten().ok(1, { reply: "Hello!" }).ok(2, { reply: "Hi!" }))).toEqual({
    kind: "holds",
    checked: 0,
  });
  const quotes = handWritten()
    .say(1)
    .ok(1, { reply: "Hi!" })
    .ok(2, { reply: q(1) });
  expect(kindsIn(quotes)).toBe("holds");
});
