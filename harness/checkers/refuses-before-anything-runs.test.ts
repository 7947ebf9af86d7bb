import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { refusesBeforeAnythingRuns } from "./refuses-before-anything-runs.ts";

type HandWritten = ReturnType<typeof handWritten>;

const stray = (threadId: unknown, thread = "stray") => ({ thread, threadId, sound: false });

/** Alice and Carol have a thread each, and have said turns 1 and 2. */
function owned(): HandWritten {
  return handWritten()
    .ok(1, { thread: "alice", threadId: "id-1", sees: "" })
    .ok(2, { thread: "carol", threadId: "id-2", sees: "" });
}

function survey(history: HandWritten, label: string, rows: number, turns: number | null = null) {
  const tables = [
    { table: "checkpoints", rows, bytes: 1 },
    { table: "threads", rows: 1, bytes: 1 },
  ];
  const rest = { thread: null, ofThread: null, orphans: {} };
  return history.entry({ kind: "survey", label, turns, tables, ...rest });
}

function kindsIn(history: HandWritten) {
  const verdict = refusesBeforeAnythingRuns.judge(history.history());
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

test("every unsound id that is refused before anything runs holds", () => {
  const history = owned();
  for (const [i, id] of [undefined, "", null, "undefined", 42, "id-1"].entries()) {
    history.failed(10 + i, stray(id, `stray-${i}`));
  }
  expect(refusesBeforeAnythingRuns.judge(history.history())).toEqual({ kind: "holds", checked: 6 });
});

test("answers without a thread id are named by the ids that were accepted", () => {
  const history = owned()
    .ok(3, { ...stray(undefined), sees: "" })
    .ok(4, { ...stray(""), sees: "" })
    .failed(5, stray(42))
    .failed(6, stray("id-1"));
  expect(refusesBeforeAnythingRuns.judge(history.history())).toMatchObject({
    diagnoses: [
      {
        kind: "thread-id-not-required",
        because: expect.stringMatching(
          /absent \(ran on a, then ok\) and "" \(ran on a, then ok\)$/,
        ),
      },
    ],
  });
  expect(kindsIn(history)).toEqual(["thread-id-not-required"]);
});

test("a refusal after the model or a tool was called comes too late", () => {
  const model = owned().say(3, stray(null)).modelCall(3, "").failed(3);
  expect(kindsIn(model)).toEqual(["thread-id-not-required"]);
  const tool = owned().say(3, stray(null)).tool(3, "book").failed(3);
  expect(kindsIn(tool)).toEqual(["thread-id-not-required"]);
  const afterwards = owned().failed(3, stray(null)).modelCall(3, "");
  expect(kindsIn(afterwards)).toEqual(["thread-id-not-required"]);
});

test("a side call, or a later call of another turn, does not belong to a refused attempt", () => {
  const side = { replica: "a", turn: null, ordinal: 0, list: [], malformed: null, transcript: [] };
  const history = owned()
    .say(3, stray(null))
    .entry({ kind: "model.call", call: "title", ...side })
    .failed(3)
    .ok(4, { thread: "alice", threadId: "id-1", sees: "1" });
  expect(kindsIn(history)).toBe("holds");
});

test("an error that is no refusal is not refused, although nothing ran", () => {
  const history = owned().unknown(3, { ...stray(null), why: "500 not-null constraint" });
  expect(refusesBeforeAnythingRuns.judge(history.history())).toMatchObject({
    diagnoses: [{ because: expect.stringMatching(/null \(unknown: 500 not-null constraint\)$/) }],
  });
});

test("a served thread of another user is foreign, and its tokens are no leak", () => {
  const history = owned()
    .failed(3, stray(undefined))
    .ok(4, { ...stray("id-1"), sees: "1" });
  expect(refusesBeforeAnythingRuns.judge(history.history())).toMatchObject({
    diagnoses: [
      {
        kind: "foreign-thread-served",
        because: expect.stringMatching(
          /^conversation stray was served with the thread id of alice/,
        ),
      },
    ],
  });
  expect(kindsIn(history)).toEqual(["foreign-thread-served"]);
});

test("any id is accepted: two causes, the missing check of the id and of its owner", () => {
  const history = owned()
    .ok(3, { ...stray("undefined"), sees: "" })
    .ok(4, { ...stray("id-1"), sees: "1" });
  expect(kindsIn(history)).toEqual(["thread-id-not-required", "foreign-thread-served"]);
});

test("strays that share the blank thread see each other: that is still the missing id", () => {
  const history = owned()
    .ok(3, { ...stray("", "stray-1"), sees: "" })
    .ok(4, { ...stray("", "stray-2"), sees: "3" });
  expect(kindsIn(history)).toEqual(["thread-id-not-required"]);
});

test("if all users share one thread the leak is the only cause", () => {
  const one = owned()
    .ok(3, { ...stray(undefined), sees: "1 2" })
    .ok(4, { ...stray("id-1"), sees: "1 2 3" });
  expect(kindsIn(one)).toEqual(["cross-thread-leak"]);
  const alone = handWritten()
    .ok(1, { thread: "alice", threadId: "id-1", sees: "" })
    .ok(3, { ...stray(undefined), sees: "1" })
    .ok(4, { ...stray("id-1"), sees: "1 3" });
  expect(kindsIn(alone)).toEqual(["cross-thread-leak"]);
});

test("rows that refused turns leave are found between the first and the last survey", () => {
  const leaves = survey(owned(), "before", 5).failed(3, stray(""));
  expect(refusesBeforeAnythingRuns.judge(survey(leaves, "after", 6).history())).toMatchObject({
    diagnoses: [
      { kind: "rows-of-a-refused-turn", because: expect.stringMatching(/: checkpoints 5 → 6$/) },
    ],
  });
  const clean = survey(owned(), "before", 5).failed(3, stray(""));
  expect(kindsIn(survey(clean, "after", 5))).toBe("holds");
});

test("rows are not judged with a sound turn in between, nor on top of another cause", () => {
  const sound = survey(handWritten(), "before", 5)
    .failed(3, stray(""))
    .ok(1, { thread: "alice", threadId: "id-1", sees: "" });
  expect(kindsIn(survey(sound, "after", 9))).toBe("holds");
  const served = survey(owned(), "before", 5).ok(3, { ...stray(""), sees: "" });
  expect(kindsIn(survey(served, "after", 9))).toEqual(["thread-id-not-required"]);
});

test("only sound turns are nothing to judge", () => {
  expect(kindsIn(owned())).toBe("inconclusive");
});
