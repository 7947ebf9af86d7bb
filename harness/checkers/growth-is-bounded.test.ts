import { expect, test } from "vitest";
import type { EntryOf, TableSize } from "../history/history.ts";
import { growthIsBounded } from "./growth-is-bounded.ts";
import { handWritten } from "../../test/support/hand-written.ts";

const surveyed = [8, 16, 24, 32, 40, 48, 56, 64];

function survey(part: Partial<EntryOf<"survey">>) {
  const blank = { label: "", turns: null, thread: null, tables: [], ofThread: null, orphans: {} };
  return { kind: "survey", ...blank, ...part } as const;
}

/** Checkpoints and blobs after n turns: a number of rows per turn, and bytes as given. */
function grown(
  rowsPerTurn: number,
  bytes: (n: number) => number,
  header: Parameters<typeof handWritten>[0] = {},
) {
  const history = handWritten(header);
  for (const turns of surveyed) {
    const tables: TableSize[] = [
      { table: "checkpoints", rows: turns, bytes: 100 * turns },
      { table: "checkpoint_blobs", rows: (rowsPerTurn - 1) * turns, bytes: bytes(turns) },
    ];
    history.entry(survey({ label: `after ${turns} turns`, turns, thread: "t", tables }));
  }
  return history;
}

const line = (n: number) => 4_000 * n;
const parabola = (n: number) => 13_000 * n * n;
const promising = (bytes: "linear" | "quadratic", rowsPerTurn: number | null) => ({
  promises: { growth: { bytes, bytesPerTurn: null, rowsPerTurn } },
});

test("linear bytes and as many rows as promised hold", () => {
  const history = grown(21, line, promising("linear", 21)).history();
  expect(growthIsBounded.judge(history)).toEqual({ kind: "holds", checked: 8 });
});

test("the cost of a late turn is measured beside the budgets, whatever the verdict", () => {
  const growth = { bytes: "linear", bytesPerTurn: 5_000, rowsPerTurn: 20 } as const;
  const { measure } = growthIsBounded;
  expect(measure?.(grown(21, line, { promises: { growth } }).history())).toEqual([
    { name: "growth.bytesPerTurn", measured: 4_100, allowed: 5_000 },
    { name: "growth.rowsPerTurn", measured: 21, allowed: 20 },
  ]);
  expect(measure?.(grown(21, parabola).history())).toMatchObject([
    { measured: 1_248_100, allowed: null },
    { measured: 21, allowed: null },
  ]);
  expect(measure?.(handWritten().history())).toEqual([]);
});

test("quadratic bytes break a linear promise, shown per turn and table", () => {
  expect(growthIsBounded.judge(grown(21, parabola).history())).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "quadratic-growth",
        because: expect.stringMatching(
          /a turn cost 520\.1 kB up to turn 32, and 1\.2 MB .* checkpoint_blobs 520 kB → 1\.2 MB/,
        ),
      },
    ],
  });
});

test("quadratic bytes keep a quadratic promise", () => {
  const history = grown(21, parabola, promising("quadratic", null)).history();
  expect(growthIsBounded.judge(history)).toMatchObject({ kind: "holds" });
});

test("a turn that costs more bytes than promised is over the budget, however straight the line", () => {
  const bytesPerTurn = (allowed: number) => ({
    promises: { growth: { bytes: "linear", bytesPerTurn: allowed, rowsPerTurn: null } as const },
  });
  const judged = (allowed: number) =>
    growthIsBounded.judge(grown(21, line, bytesPerTurn(allowed)).history());
  expect(judged(4_100)).toMatchObject({ kind: "holds" });
  expect(judged(4_099)).toMatchObject({
    diagnoses: [
      {
        kind: "bytes-over-budget",
        because: expect.stringMatching(/^a turn left 4\.1 kB between turns 32 and 64, .* promised/),
      },
    ],
  });
});

test("one row a turn more than promised is over the budget", () => {
  const history = grown(22, line, promising("linear", 21)).history();
  expect(growthIsBounded.judge(history)).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "rows-over-budget",
        because: expect.stringMatching(/22 rows .* 21 rows are promised/),
      },
    ],
  });
});

test("orphans count after a cleanup and at the end, not in between", () => {
  const orphans = { "blobs without a checkpoint": 3 };
  const cleaned = grown(21, line).entry(survey({ label: "after cleanup", orphans }));
  const later = survey({ label: "at the end", orphans: { "blobs without a checkpoint": 0 } });
  expect(growthIsBounded.judge(cleaned.entry(later).history())).toMatchObject({
    diagnoses: [
      { kind: "orphans", because: expect.stringMatching(/3 blobs without a checkpoint/) },
    ],
  });
  const passing = grown(21, line)
    .entry(survey({ label: "in between", orphans }))
    .entry(later);
  expect(growthIsBounded.judge(passing.history())).toMatchObject({ kind: "holds" });
  const last = grown(21, line).entry(survey({ label: "at the end", orphans }));
  expect(growthIsBounded.judge(last.history())).toMatchObject({
    diagnoses: [{ kind: "orphans" }],
  });
});

test("a deleted thread leaves no rows; what it leaves is one cause, orphans or not", () => {
  const none = [{ table: "checkpoint_writes", rows: 0, bytes: 0 }];
  const clean = grown(21, line)
    .deleted()
    .entry(survey({ thread: "t", ofThread: none }));
  expect(growthIsBounded.judge(clean.history())).toEqual({ kind: "holds", checked: 9 });
  const left = [{ table: "checkpoint_writes", rows: 2, bytes: 9 }];
  const dirty = grown(21, line)
    .deleted()
    .entry(survey({ thread: "t", ofThread: left, orphans: { "writes without a checkpoint": 2 } }));
  expect(growthIsBounded.judge(dirty.history())).toMatchObject({
    diagnoses: [
      { kind: "leftover-rows", because: expect.stringMatching(/2 in checkpoint_writes/) },
    ],
  });
});

test("rows are no leftovers if the deletion failed, or if they belong to another thread", () => {
  const ofThread = [{ table: "checkpoints", rows: 2, bytes: 9 }];
  const refused = grown(21, line)
    .deleted("t", false)
    .entry(survey({ thread: "t", ofThread }));
  expect(growthIsBounded.judge(refused.history())).toMatchObject({ kind: "holds" });
  const other = grown(21, line)
    .deleted("u")
    .entry(survey({ thread: "t", ofThread }));
  expect(growthIsBounded.judge(other.history())).toMatchObject({ kind: "holds" });
});

test("two causes are two diagnoses, and the evidence of both fits", () => {
  const verdict = growthIsBounded.judge(
    grown(21, parabola)
      .deleted()
      .entry(survey({ thread: "t", ofThread: [{ table: "threads", rows: 1, bytes: 1 }] }))
      .history(),
  );
  expect(verdict).toMatchObject({
    diagnoses: [{ kind: "quadratic-growth" }, { kind: "leftover-rows" }],
  });
  expect(verdict.kind === "violated" && verdict.evidence.length).toBe(9);
});

test("three surveys, empty tables or none at all are nothing to judge", () => {
  const few = handWritten();
  for (const turns of [1, 2, 3]) few.entry(survey({ turns, thread: "t" }));
  expect(growthIsBounded.judge(few.history())).toMatchObject({
    kind: "inconclusive",
    because: expect.stringMatching(/after 1, 2, 3 turns: a curve needs 4/),
  });
  const empty = handWritten();
  for (const turns of surveyed) empty.entry(survey({ turns, thread: "t" }));
  expect(growthIsBounded.judge(empty.history())).toMatchObject({ kind: "inconclusive" });
  expect(growthIsBounded.judge(handWritten().history())).toMatchObject({ kind: "inconclusive" });
});
