import { expect, test } from "vitest";
import type { EntryOf } from "../history/history.ts";
import { handWritten } from "../../test/support/hand-written.ts";
import { savesInDatabase } from "./saves-in-database.ts";

type HandWritten = ReturnType<typeof handWritten>;
type Tables = Readonly<Record<string, number>>;

function survey(tables: Tables, ofThread: Tables = {}): Omit<EntryOf<"survey">, "seq" | "at"> {
  const sizes = (of: Tables) =>
    Object.entries(of).map(([table, rows]) => ({ table, rows, bytes: 10 * rows }));
  const about = { label: "", turns: null, thread: null, orphans: {} };
  return { kind: "survey", ...about, tables: sizes(tables), ofThread: sizes(ofThread) };
}

/** One acknowledged turn, or what is played instead, between the engine's two surveys. */
function between(
  before: Tables,
  after: Tables,
  { ofThread = {}, play = (it: HandWritten) => it.ok(1, { sees: "" }) } = {},
) {
  const begun = handWritten().entry(survey(before)).phase("workload");
  const history = play(begun).phase("final").entry(survey(after, ofThread)).history();
  const verdict = savesInDatabase.judge(history);
  return verdict.kind === "violated"
    ? verdict.diagnoses.map(({ kind, because }) => `${kind}: ${because}`)
    : verdict.kind;
}

const empty = { checkpoints: 0, checkpoint_blobs: 0, checkpoint_migrations: 10 };

test("a saver in the code and zero rows in Postgres is a finding", () => {
  expect(between(empty, empty)).toEqual([
    "nothing-saved: after 1 acknowledged turns the tables of the checkpointer are there, with " +
      "zero rows (checkpoints, checkpoint_blobs)",
  ]);
});

test("a database without tables, or with tables that never grow, is described as such", () => {
  expect(between({}, {})).toEqual([expect.stringMatching(/^nothing-saved: .* no table at all$/)]);
  const seeded = { users: 3 };
  expect(between(seeded, seeded)).toEqual([expect.stringMatching(/more rows than before$/)]);
});

test("a log that grows beside an empty checkpointer saves nothing", () => {
  const grown = between({ ...empty, log: 1 }, { ...empty, log: 2 });
  expect(grown).toEqual([expect.stringMatching(/^nothing-saved: /)]);
});

test("rows that grow in any table, or that name the thread, are saved data", () => {
  expect(between(empty, { ...empty, checkpoints: 3 })).toBe("holds");
  expect(between({ messages: 0 }, { messages: 2 })).toBe("holds");
  expect(between(empty, empty, { ofThread: { threads: 1 } })).toBe("holds");
});

test("a turn that another process remembers is stored somewhere else", () => {
  const play = (it: HandWritten) => it.ok(1, { on: "a", sees: "" }).ok(2, { on: "b", sees: "1" });
  expect(between({}, {}, { play })).toBe("holds");
  const restarted = (it: HandWritten) => it.ok(1, { sees: "" }).restart("a").ok(2, { sees: "1" });
  expect(between({}, {}, { play: restarted })).toBe("holds");
  const alone = (it: HandWritten) => it.ok(1, { sees: "" }).ok(2, { sees: "1" });
  expect(between({}, {}, { play: alone })).toHaveLength(1);
});

test("the replica that ran a turn may be another one than the one that was asked", () => {
  const play = (it: HandWritten) =>
    it.say(1, { on: "a" }).modelCall(1, "", { on: "b" }).ok(1).ok(2, { on: "b", sees: "1" });
  expect(between({}, {}, { play })).toHaveLength(1);
});

test("without an acknowledged turn, a kept thread or a survey there is nothing to find", () => {
  expect(between({}, {}, { play: (it) => it.unknown(1) })).toBe("holds");
  expect(between({}, {}, { play: (it) => it.ok(1).deleted() })).toBe("holds");
  const history = handWritten().ok(1).phase("final").history();
  expect(savesInDatabase.judge(history)).toEqual({ kind: "holds", checked: 0 });
});
