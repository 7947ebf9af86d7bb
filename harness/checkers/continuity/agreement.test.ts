/**
 * The checker against brute force on small random histories: a few with the ordinary tests, 100,000
 * with `npm run agreement`. Each run draws from AGREEMENT_SEED; a disagreement is shrunk.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { History } from "../../history/history.ts";
import { entriesOf } from "../../history/history.ts";
import { highest } from "../../history/level.ts";
import { keptByBruteForce } from "../../../test/support/brute-force.ts";
import { judgeLevels } from "./thread-levels.ts";
import { operationsOf } from "./operations.ts";
import { randomHistory } from "../../../test/support/random-histories.ts";

const histories = Number(process.env["AGREEMENT_HISTORIES"] ?? 3_000);
const seed = Number(process.env["AGREEMENT_SEED"] ?? 1);

test(`the ladder agrees with brute force on ${histories} histories`, { timeout: 3_600_000 }, () => {
  const kept = new Map<string, number>();
  const coverage = { observedUnknowns: 0, retries: 0, lateEffects: 0, invalid: 0 };
  const agrees = fc.property(randomHistory, ({ history, lateEffect }) => {
    const slow = keptByBruteForce(history, "t").join(" ");
    const fast = keptByLadder(history);
    kept.set(slow, (kept.get(slow) ?? 0) + 1);
    if (slow !== "linearizable") coverage.invalid++;
    if (lateEffect) coverage.lateEffects++;
    if (retried(history)) coverage.retries++;
    if (showsUnknown(history)) coverage.observedUnknowns++;
    if (fast !== slow) throw new Error(`the ladder says "${fast}", the search "${slow}"`);
  });
  fc.assert(agrees, { numRuns: histories, seed });
  console.log(JSON.stringify({ histories, ...coverage, kept: Object.fromEntries(kept) }));
  expect(coverage.invalid).toBeGreaterThanOrEqual(histories / 4);
  expect(coverage.observedUnknowns).toBeGreaterThanOrEqual(histories / 10);
  expect(coverage.retries).toBeGreaterThanOrEqual(histories / 10);
  expect(coverage.lateEffects).toBeGreaterThanOrEqual(histories / 10);
  // Every level is the highest kept of some history: none is decided by its neighbour alone.
  const levels = [
    "",
    "monotonic-reads read-your-writes",
    "integrity",
    "no-lost-turns",
    "one-history",
    "monotonic-reads",
    "read-your-writes",
    "sequential",
    "linearizable",
  ];
  expect([...kept.keys()].sort()).toEqual(levels.sort());
});

function keptByLadder(history: History): string {
  const { threads, owners } = operationsOf(history);
  const operations = threads.find(({ thread }) => thread === "t");
  return operations ? highest(judgeLevels(operations, owners).kept).join(" ") : "linearizable";
}

function retried(history: History): boolean {
  const turns = entriesOf(history, "attempt.begin").map(({ turn }) => turn);
  return new Set(turns).size < turns.length;
}

/** Whether some list shows a turn that was never acknowledged. */
function showsUnknown(history: History): boolean {
  const oks = entriesOf(history, "attempt.end").filter(({ outcome }) => outcome.kind === "ok");
  const acknowledged = new Set(oks.map(({ attempt }) => attempt));
  const begins = entriesOf(history, "attempt.begin");
  const told = new Set(begins.filter((b) => acknowledged.has(b.attempt)).map((b) => b.turn));
  const unknown = new Set(begins.map(({ turn }) => turn).filter((turn) => !told.has(turn)));
  return history.entries.some(
    (entry) => "list" in entry && entry.list?.some((token) => unknown.has(token)),
  );
}
