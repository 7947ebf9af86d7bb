/** A turn was acknowledged, and the store does not have it, or no longer. */
import { endOf } from "../../lives.ts";
import type { Evidence } from "../run-evidence.ts";
import { type Disagreement, type Fact, isOfSameThread } from "../facts.ts";
import type { Hypothesis } from "../hypothesis.ts";

export const storeLost: Hypothesis = {
  kind: "store-lost",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || fact.missing.length === 0) return null;
    const { thread, missing, before, after } = fact;
    const restart = evidence.disturbances.find(
      ({ ofDatabase, until }) => ofDatabase && before.end < until && until < after.begin,
    );
    if (!restart || evidence.makerOf(missing[0] ?? "") === null) return null;
    const old = evidence.operations.threads.flatMap(({ writes }) =>
      writes.filter(({ outcome, end }) => outcome === "ok" && end < restart.from),
    );
    const isAnsweredWithout = thread.writes.some(({ outcome, attempts, end }) =>
      attempts.some(({ begin }) => restart.from < begin && end < restart.until && outcome === "ok"),
    );
    const isWithinOneLife = evidence.makerOf(missing[0] ?? "") === after.life;
    if (isAnsweredWithout || !(evidence.sharing.any || isWithinOneLife)) return null;
    const since = evidence.operations.threads.flatMap((each) =>
      evidence.observationsOf(each).filter((it) => it.real && it.begin > restart.until),
    );
    const isEmpty = since.every(({ list }) => old.every(({ token }) => !list.includes(token)));
    if (old.length === 0 || since.length === 0 || !isEmpty) return null;
    const own = evidence.observationsOf(thread).filter(({ begin }) => begin > restart.until);
    if (own.length === 0) return null;
    return `since "${restart.name}" no list of any thread shows a turn from before it`;
  },
  explains: (fact, shown) =>
    fact.kind === "disagreement" && shown.some((it) => it.kind === "disagreement"),
  predicts: { "without the fault": "holds" },
};

export const stateDeleted: Hypothesis = {
  kind: "state-deleted",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || fact.missing.length === 0) return null;
    const { thread, missing, before, after } = fact;
    const writes = evidence.writesOf(thread, missing).filter(({ outcome }) => outcome === "ok");
    if (writes.length === 0 || evidence.overlapping(thread, missing, null)) return null;
    const begun = Math.min(...writes.map(({ end }) => end));
    const deleted = deletesBetween(evidence, begun, after.end);
    const [first] = deleted;
    if (first === undefined) return null;
    const wasThere = missing.some((token) => evidence.shows(thread, token, 0, after.begin));
    const isBack = missing.some((token) => evidence.shows(thread, token, after.end));
    if (!wasThere || isBack) return null;
    if (evidence.disturbedBetween(before.begin, after.end).length > 0) return null;
    return `${first.replica} executed ${first.name} in between, and the thread had not been deleted`;
  },
  explains: isOfSameThread,
  proof(shown, evidence) {
    const [first] = shown;
    if (first?.kind !== "disagreement") return [];
    return deletesBetween(evidence, first.before.begin, first.after.end).slice(0, 2);
  },
};

function deletesBetween({ deletes }: Evidence, from: number, until: number) {
  return deletes.filter(({ seq }) => from < seq && seq < until);
}

/** Acknowledged before it was saved: the process or the connection ended in between. */
export const lostTurn: Hypothesis = {
  kind: "lost-turn",
  requires(fact, evidence) {
    if (fact.kind === "flawed read") return tornAfterDeath(fact, evidence);
    if (fact.kind !== "disagreement" || fact.missing.length === 0) return null;
    const { thread, missing, after } = fact;
    // Processes that never shared anything have no store in which it could be.
    if (evidence.isApart(fact.before.life, after.life)) return null;
    if (missing.every((token) => evidence.shows(thread, token, after.begin))) return null;
    const writes = evidence.writesOf(thread, missing).filter(({ outcome }) => outcome === "ok");
    const isCut = writes.some(({ token, begin, end }) => {
      // A turn that was missing before anything happened was not lost by it.
      const first = evidence
        .observationsOf(thread)
        .find((it) => it.real && it.begin > end && !it.list.includes(token));
      const seen = first ?? after;
      const life = evidence.makerOf(token);
      const over = life === null ? Infinity : endOf(life);
      const died = end < over && over < seen.end && !evidence.shows(thread, token, over);
      return died || evidence.disturbedBetween(begin, seen.begin).length > 0;
    });
    return isCut ? "it was acknowledged and then lost" : null;
  },
  explains(fact, shown) {
    const lost = shown.flatMap((it) => (it.thread === fact.thread ? turnsOf(it) : []));
    const turns = turnsOf(fact);
    return turns.length > 0 && turns.every((turn) => lost.includes(turn));
  },
  predicts: { "without the fault": "holds" },
};

/** The turns that a fact is about. */
function turnsOf(fact: Fact): readonly string[] {
  if (fact.kind === "disagreement") return fact.missing;
  return fact.kind === "flawed read" ? [fact.flaw.turn ?? ""] : [];
}

/** The message of an acknowledged turn is there, and its reply went with the process. */
function tornAfterDeath(
  { thread, flaw, read }: Extract<Fact, { kind: "flawed read" }>,
  evidence: Evidence,
) {
  const write = thread.writes.find(({ turn }) => turn === flaw.turn);
  if (flaw.kind !== "torn" || write?.outcome !== "ok") return null;
  const life = evidence.makerOf(write.token);
  const died = life !== null && write.end < endOf(life) && endOf(life) < read.end;
  return died || evidence.disturbedBetween(write.begin, read.end).length > 0
    ? "its reply was acknowledged and then lost"
    : null;
}

export const staleRead: Hypothesis = {
  kind: "stale-read",
  requires: (fact, evidence) =>
    fact.kind === "disagreement" && fact.missing.length > 0 && isBack(fact, evidence)
      ? "later reads show it again: what it read was out of date"
      : fact.kind === "broken level" && late.includes(fact.broken.level)
        ? "a read is older than what had been seen before"
        : null,
};

const late: readonly string[] = ["monotonic-reads", "read-your-writes"];

function isBack({ thread, missing, after, added }: Disagreement, evidence: Evidence): boolean {
  if (added.length > 0) return false;
  const later = evidence.observationsOf(thread).filter((it) => it.real && it.begin > after.begin);
  // A process that never shows it again is not late: it knows less.
  const mine = later.filter(({ life }) => life !== null && life === after.life);
  const looks = mine.length > 0 ? mine : later;
  return missing.every((token) => looks.some(({ list }) => list.includes(token)));
}
