import { expect, onTestFinished, test, vi } from "vitest";
import { databaseClock } from "./clock.ts";
import type { Database } from "./database.ts";

/** The clock of a replica whose database is ahead of it. */
function clockOf(aheadMs: number) {
  const work = { query: async () => ({ rows: [{ now: Date.now() + aheadMs }] }) };
  return databaseClock({ work } as unknown as Database, 1_000);
}

const { signal } = new AbortController();

test("a clock that differs from the database's by more than the tolerance is reported", async () => {
  // The time does not pass here, so that the sentence contains only the difference.
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  expect(await clockOf(0).probe()).toBe(undefined);
  expect(await clockOf(900).probe()).toBe(undefined);
  expect(await clockOf(5_000).probe()).toMatch(/^this replica's clock is 5\.0 s behind the data/);
  expect(await clockOf(-5_000).probe()).toMatch(
    /^this replica's clock is 5\.0 s ahead of the data/,
  );
});

test("a slow answer of the database does not count as a difference", async () => {
  const now = Date.now() + 500;
  const query = () =>
    new Promise((resolve) => setTimeout(() => resolve({ rows: [{ now }] }), 1_700));
  const slow = databaseClock({ work: { query } } as unknown as Database, 1_000);
  expect(await slow.probe()).toBe(undefined);
});

test("a turn begins after the time of the newest checkpoint, or is refused", async () => {
  const at = (aheadMs: number) => new Date(Date.now() + aheadMs).toISOString();
  const clock = clockOf(0);
  await clock.after(undefined, signal);
  await clock.after(at(-1), signal);
  const newest = at(300);
  await clock.after(newest, signal);
  expect(Date.now()).toBeGreaterThan(Date.parse(newest));
  await expect(clock.after(at(60_000), signal)).rejects.toThrow(/by a clock that is 60 s ahead$/);
});
