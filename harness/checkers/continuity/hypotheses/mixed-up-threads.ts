import type { Evidence } from "../run-evidence.ts";
import { type Fact, type FlawedRead } from "../facts.ts";
import type { Hypothesis } from "../hypothesis.ts";

/** The list shows a token of another thread, or of no turn of this run. */
function isForeign(fact: Fact): fact is FlawedRead {
  if (fact.kind !== "flawed read") return false;
  return fact.flaw.kind === "foreign-token" || fact.flaw.kind === "unknown-token";
}

/** The owner's turn and a turn of the thread were under way at once, in one process. */
function metInOneProcess({ thread, flaw }: FlawedRead, evidence: Evidence): boolean {
  const owner = evidence.operations.threads
    .flatMap(({ writes }) => writes)
    .find(({ turn }) => turn === flaw.turn);
  if (!owner) return false;
  return thread.writes.some((mine) =>
    mine.attempts.some((one) =>
      owner.attempts.some((other) => {
        const life = evidence.lifeAt(one.replica, one.begin);
        const met = one.begin < other.end && other.begin < one.end;
        return met && life !== null && evidence.lifeAt(other.replica, other.begin) === life;
      }),
    ),
  );
}

/** Turns of a thread that were taken by another one are gone from their own. */
function follows(fact: Fact, shown: readonly Fact[]): boolean {
  const taken = new Set(shown.filter(isForeign).map(({ flaw }) => flaw.turn));
  if (shown.some(({ thread }) => thread === fact.thread)) return true;
  return fact.kind === "disagreement" && fact.missing.some((token) => taken.has(token));
}

/** Both are in one process only while they are under way: state of a request that is shared. */
export const crossedRequests: Hypothesis = {
  kind: "crossed-requests",
  requires: (fact, evidence) =>
    isForeign(fact) && metInOneProcess(fact, evidence)
      ? "the two turns were under way in one process at the same time"
      : null,
  excludes(_shown, evidence) {
    const { threads } = evidence.operations;
    const apart = threads.some((thread) => {
      const register = evidence.flawsOf(thread);
      return register.some((fact) => isForeign(fact) && !metInOneProcess(fact, evidence));
    });
    return apart ? "turns that never met in one process are mixed up as well" : null;
  },
  explains: follows,
  predicts: { "one turn at a time": "holds" },
};

export const crossThreadLeak: Hypothesis = {
  kind: "cross-thread-leak",
  requires: (fact) => (isForeign(fact) ? "two conversations share a thread" : null),
  explains: follows,
  predicts: { "one turn at a time": "violated" },
};
