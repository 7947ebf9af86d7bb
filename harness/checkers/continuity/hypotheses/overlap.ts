/** Turns of one thread that were under way at the same time, or continued when they should not. */
import type { Evidence } from "../run-evidence.ts";
import { type Disagreement, isOfSameThread, shownAt, turnsInWords } from "../facts.ts";
import type { Hypothesis } from "../hypothesis.ts";
import type { Write } from "../operation.ts";

export const zombieWrite: Hypothesis = {
  kind: "zombie-write",
  requires: (fact, evidence) =>
    fact.kind === "disagreement" && wroteAfterAbsence(fact, evidence)
      ? "a turn of a replica that had been paused or cut off continued, and overwrote it"
      : null,
  explains: isOfSameThread,
  predicts: { "without the fault": "holds" },
};

/**
 * The missing turn was saved while a replica was absent in another turn of the thread, and is
 * missing after that replica was back.
 */
function wroteAfterAbsence({ thread, after, missing }: Disagreement, evidence: Evidence): boolean {
  const gone = evidence.writesOf(thread, missing);
  return evidence.absences.some(({ replica, from, until }) => {
    const saved = gone.some(({ begin, end }) => begin < until && from < end);
    const inFlight = thread.writes.some(
      (write) =>
        !gone.includes(write) &&
        write.attempts.some(
          (attempt) => attempt.replica === replica && attempt.begin < from && from < attempt.end,
        ),
    );
    return saved && inFlight && until < after.end;
  });
}

export const orderedByClock: Hypothesis = {
  kind: "ordered-by-clock",
  requires: (fact, evidence) =>
    fact.kind === "disagreement" && isOutdatedByClock(fact, evidence)
      ? "a replica whose clock is ahead had saved the thread with a later time"
      : null,
  explains: isOfSameThread,
  predicts: { "without the fault": "holds" },
};

/** The missing turn came after another turn of the thread on a replica whose clock is ahead. */
function isOutdatedByClock({ thread, missing }: Disagreement, evidence: Evidence): boolean {
  const gone = evidence.writesOf(thread, missing);
  return evidence.ahead.some(({ replica, from, until }) => {
    const isAhead = (write: Write, before: number) =>
      write.attempts.some(
        ({ replica: by, begin }) =>
          by === replica && from < begin && begin < Math.min(until, before),
      );
    return gone.some((write) =>
      thread.writes.some((other) => other !== write && isAhead(other, write.end)),
    );
  });
}

export const lostUpdate: Hypothesis = {
  kind: "lost-update",
  requires(fact, evidence) {
    if (fact.kind === "disagreement") return overwritten(fact, evidence);
    if (fact.kind !== "flawed read" || !mixed.includes(fact.flaw.kind)) return null;
    const write = fact.thread.writes.find(({ turn }) => turn === fact.flaw.turn);
    if (write === undefined || write.outcome === "failed") return null;
    // Shown twice after a retry, it was saved twice; without one, branches have grown together.
    if (fact.flaw.kind === "twice" && write.repeated !== "no") return null;
    const others = fact.thread.writes.filter(
      (other) => other !== write && other.outcome !== "failed",
    );
    return others.some((other) => evidence.overlap(write, other))
      ? "another turn on the thread was under way at the same time"
      : null;
  },
  // It leaves the thread with two branches, of which each later turn continues one.
  explains: (fact, shown) =>
    fact.kind === "disagreement" &&
    shown.some((it) => it.thread === fact.thread && shownAt(it) <= shownAt(fact)),
  predicts: { "one turn at a time": "holds" },
};

const mixed: readonly string[] = ["twice", "torn", "stray-reply", "other-reply", "unsaid-token"];

function overwritten({ thread, missing, added }: Disagreement, evidence: Evidence): string | null {
  if (missing.length === 0) {
    return added.length > 0 && evidence.overlapping(thread, added, null)
      ? `${turnsInWords(added)} took its place`
      : null;
  }
  if (added.length > 0 && evidence.overlapping(thread, missing, added)) {
    return `${turnsInWords(added)}, under way at the same time, took its place`;
  }
  return evidence.overlapping(thread, missing, null)
    ? "another turn on the thread was under way at the same time"
    : null;
}
