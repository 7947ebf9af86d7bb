import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { headerOf } from "../../test/support/shorthand.ts";
import type { Event } from "./history.ts";
import { HistoryFile, Recording } from "./recording.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recording-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const ready: Event = { kind: "replica.ready", replica: "a", afterMs: 5 };
const lines = (file: HistoryFile): unknown[] =>
  readFileSync(file.path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

test("entries are numbered from 1 without gaps, and their times never decrease", () => {
  const recording = new Recording(headerOf({}), null);
  for (let i = 0; i < 100; i += 1) recording.record(ready);
  const { entries } = recording;
  expect(entries.map((it) => it.seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  const times = entries.map((it) => it.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(entries[0]).toEqual({ seq: 1, at: expect.any(Number), ...ready });
});

test("an entry is in the file at once, so it can be read after a crash", () => {
  using file = new HistoryFile(join(folder, "history.jsonl"));
  const recording = new Recording(headerOf({}), file);
  expect(lines(file)).toEqual([{ header: recording.header }]);
  const entry = recording.record(ready);
  expect(lines(file)).toEqual([
    { header: recording.header },
    { run: recording.header.run, ...entry },
  ]);
});

test("several runs share a file, and each line names its run", () => {
  using file = new HistoryFile(join(folder, "history.jsonl"));
  const [one, two] = ["one", "two"].map((run) => new Recording({ ...headerOf({}), run }, file));
  one?.record(ready);
  two?.record(ready);
  one?.record(ready);
  expect(lines(file)).toMatchObject([
    { header: { run: "one" } },
    { header: { run: "two" } },
    { run: "one", seq: 1 },
    { run: "two", seq: 1 },
    { run: "one", seq: 2 },
  ]);
});

test.skipIf(!existsSync("/dev/full"))("a full disk sets failure and does not throw", () => {
  using file = new HistoryFile("/dev/full");
  const recording = new Recording(headerOf({}), file);
  const { failure } = file;
  expect(failure?.message).toContain("ENOSPC");
  recording.record(ready);
  // The history in memory is complete, and the first failure is reported.
  expect(recording.entries).toHaveLength(1);
  expect(file.failure).toBe(failure);
});

test("an entry that is recorded after the file was closed does not throw", () => {
  const file = new HistoryFile(join(folder, "history.jsonl"));
  const recording = new Recording(headerOf({}), file);
  file[Symbol.dispose]();
  recording.record(ready);
  expect(recording.entries).toHaveLength(1);
});

test("each run on the same replicas has its own history", () => {
  using file = new HistoryFile(join(folder, "history.jsonl"));
  const recording = new Recording({ ...headerOf({}), run: "one" }, file);
  const start: Event = { kind: "replica.start", replica: "a", pid: 1, boot: 0, changed: [] };
  recording.record({ kind: "phase", phase: "warm-up" });
  const carried = [recording.record(start), recording.record(ready)].toReversed();
  const one = recording.end();
  recording.record({ kind: "replica.unready", replica: "a", why: "between the two runs" });
  recording.beginNext("two", carried);
  recording.record({ kind: "phase", phase: "workload" });
  const two = recording.end();
  expect(one.entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(two.entries.map(({ seq, kind }) => [seq, kind])).toEqual([
    [1, "replica.start"],
    [2, "replica.ready"],
    [3, "phase"],
  ]);
  const times = two.entries.map(({ at }) => at);
  expect(times[0]).toBe(0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect([one.header.run, two.header.run]).toEqual(["one", "two"]);
  // The file contains exactly the histories that the checkers use.
  const written = [one, two].flatMap(({ header, entries }) => [
    { header },
    ...entries.map((entry) => ({ run: header.run, ...entry })),
  ]);
  expect(lines(file)).toEqual(written);
});
