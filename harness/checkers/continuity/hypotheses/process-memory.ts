/** A replica remembers more, or less, than the store that it shares with the others. */
import type { Token } from "../../../history/token.ts";
import { endOf, type Life } from "../../lives.ts";
import type { Disturbance, Evidence } from "../run-evidence.ts";
import type { Disagreement, Fact } from "../facts.ts";
import type { Hypothesis } from "../hypothesis.ts";
import type { Observation } from "../observations.ts";
import { withinOneLife } from "./keeping.ts";

/** A process lost what it had made itself while it lived and nothing disturbed it. */
function lostWithinOneLife(evidence: Evidence, shown: readonly Fact[]): boolean {
  return shown.some(({ thread }) =>
    evidence.operations.threads.some((each) => {
      if (each !== thread) return false;
      return evidence
        .disagreementsOf(each)
        .some(
          (fact) =>
            fact.after.source !== "reply" &&
            fact.missing.length > 0 &&
            fact.missing.every((token) => evidence.makerOf(token) === fact.after.life) &&
            withinOneLife(fact, evidence) &&
            !evidence.overlapping(thread, fact.missing, null) &&
            evidence.disturbedBetween(fact.before.begin, fact.after.end).length === 0,
        );
    }),
  );
}

export const splitBrain: Hypothesis = {
  kind: "split-brain",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement") return null;
    const { before, after } = fact;
    if (before.life === null || after.life === null) return null;
    if (endOf(before.life) < after.begin) return null;
    const isSplit =
      before.replica !== after.replica &&
      (evidence.isApart(fact.before.life, fact.after.life) || alternates(fact, evidence));
    if (!isSplit) return null;
    const [one, other] = [before.replica ?? "one replica", after.replica ?? "another"];
    return `${one} and ${other} were both up, and each keeps its own memory`;
  },
  excludes: (shown, evidence) =>
    lostWithinOneLife(evidence, shown) ? "turns are lost within one process as well" : null,
  explains: (fact, shown, evidence) =>
    fact.kind === "disagreement" && shown.some((it) => it.thread === fact.thread)
      ? isBetweenSplit(fact, shown, evidence)
      : false,
  predicts: { "one replica": "holds" },
};

/** A process with its own memory lacks what it did not make itself. */
function isBetweenSplit(fact: Disagreement, shown: readonly Fact[], evidence: Evidence): boolean {
  const split = new Set(
    shown.flatMap((it) => (it.kind === "disagreement" ? [it.before.life, it.after.life] : [])),
  );
  const { before, after, missing } = fact;
  if (evidence.isApart(fact.before.life, fact.after.life) && before.life !== after.life)
    return true;
  return split.has(after.life) && missing.every((token) => evidence.makerOf(token) !== after.life);
}

/** Each of two processes continues its own branch after it could have seen the other's. */
function alternates(
  { thread, before, after, missing, added }: Disagreement,
  evidence: Evidence,
): boolean {
  if (added.length === 0 || before.life === after.life) return false;
  const mine = (token: Token) => missing.includes(token);
  const theirs = (token: Token) => added.includes(token);
  const of = (life: Life | null) =>
    evidence.observationsOf(thread).filter((each) => each.real && each.life === life);
  const first = of(before.life);
  const other = of(after.life);
  if (first.some(({ list }) => list.some(theirs)) || other.some(({ list }) => list.some(mine))) {
    return false;
  }
  const exchange = [...first, ...other].some(({ life, list }) =>
    list.some((token) => {
      const maker = evidence.makerOf(token);
      return maker !== life && (maker === before.life || maker === after.life);
    }),
  );
  return !exchange && first.some(({ begin, list }) => begin > after.end && list.some(mine));
}

export const amnesia: Hypothesis = {
  kind: "amnesia",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || !evidence.isApart(fact.before.life, fact.after.life))
      return null;
    const { before, after } = fact;
    if (before.life === null || endOf(before.life) >= after.begin) return null;
    const who = before.replica ?? "the replica";
    return `the process of ${who} had ended in between, and its memory with it`;
  },
  excludes: (shown, evidence) =>
    lostWithinOneLife(evidence, shown) ? "turns are lost within one process as well" : null,
  // A replica that never had a turn knows nothing either.
  explains: (fact, _shown, evidence) =>
    fact.kind === "disagreement" &&
    evidence.isApart(fact.before.life, fact.after.life) &&
    !evidence.observationsOf(fact.thread).some((it) => hasTurns(it, fact.after.replica)),
};

/** A replica that had nothing but the engine's last turn has no memory that could differ. */
const hasTurns = ({ replica, list, real, last }: Observation, of: string | null) =>
  replica === of && list.length > 0 && (real || !last);

/** After a database error a process goes on without the database, from its own memory. */
export const memoryFallback: Hypothesis = {
  kind: "memory-fallback",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || !fact.after.real || !evidence.sharing.any) return null;
    const error = keptBesideTheStore(fact, evidence) ?? startedEmpty(fact, evidence);
    if (error === null) return null;
    return `after "${error.name}" a replica answered from its own memory, and went on with it`;
  },
  explains: (fact, shown, evidence) =>
    fact.kind === "disagreement" &&
    shown.some((it) => it.thread === fact.thread) &&
    evidence.disturbances.some((it) => it.ofDatabase && it.from < fact.after.end),
  predicts: { "without the fault": "holds" },
};

/** A turn since the error is known to the process that answered it, and to no other one. */
function keptBesideTheStore(fact: Disagreement, evidence: Evidence): Disturbance | null {
  const { thread, missing, after } = fact;
  for (const write of evidence.writesOf(thread, missing)) {
    const maker = evidence.makerOf(write.token);
    if (maker === null || maker === after.life || write.outcome !== "ok") continue;
    const error = evidence.disturbances.find((it) => it.ofDatabase && it.from < write.end);
    const isKnown = evidence
      .observationsOf(thread)
      .some(
        ({ real, life, begin, list }) =>
          real && life === maker && begin > write.end && list.includes(write.token),
      );
    if (error && isKnown) return error;
  }
  return null;
}

/** During or after the error a process that could have known them shows none of the turns. */
function startedEmpty(fact: Disagreement, evidence: Evidence): Disturbance | null {
  const { thread, missing, after } = fact;
  if (missing.length === 0 || after.life === null) return null;
  const error = evidence.disturbances.find(
    (it) => it.ofDatabase && it.from < after.begin && missing.every((t) => isOlder(t, it)),
  );
  if (!error) return null;
  const acknowledged = thread.writes.some(
    ({ token, outcome, end, attempts }) =>
      outcome === "ok" &&
      end > error.from &&
      token === after.own &&
      attempts.some(({ begin }) => begin < error.until),
  );
  const forgets = after.list.every((token) => !fact.before.list.includes(token));
  const others = missing.every((token) => {
    const maker = evidence.makerOf(token);
    return maker !== null && maker !== after.life;
  });
  return acknowledged && forgets && others ? error : null;

  function isOlder(token: Token, { from }: Disturbance): boolean {
    return evidence.writesOf(thread, [token]).every(({ end }) => end < from);
  }
}

/** It continues from what it knew itself, although the store has more. */
export const staleCopy: Hypothesis = {
  kind: "stale-copy",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || !fact.after.real) return null;
    const { thread, after, missing } = fact;
    if (
      after.life === null ||
      missing.length === 0 ||
      evidence.isApart(fact.before.life, fact.after.life)
    )
      return null;
    const isTheirs = missing.every((token) => {
      const maker = evidence.makerOf(token);
      return maker !== null && maker !== after.life;
    });
    if (!isTheirs || evidence.overlapping(thread, missing, after.own ? [after.own] : []))
      return null;
    const known = knownTo(after, evidence.observationsOf(thread));
    if (known.size === 0 || missing.some((token) => known.has(token))) return null;
    const rest = after.list.filter((token) => token !== after.own);
    if (rest.length === 0 || !rest.every((token) => known.has(token))) return null;
    if (isBack(fact, evidence) || !isStored(fact, evidence)) return null;
    return `${after.replica ?? "the replica"} shows the thread as it last knew it itself`;
  },
  // Turns that the copy lacks are overwritten once it is saved.
  explains(fact, shown) {
    if (fact.kind !== "disagreement") return false;
    const overlooked = shown.flatMap((it) =>
      it.kind === "disagreement" && it.thread === fact.thread ? it.missing : [],
    );
    return fact.missing.length > 0 && fact.missing.every((token) => overlooked.includes(token));
  },
  predicts: { "one replica": "holds" },
};

/** Someone showed the missing turns once they were acknowledged, and the life used that store. */
function isStored({ thread, missing, after }: Disagreement, evidence: Evidence): boolean {
  const all = evidence.observationsOf(thread).filter(({ real }) => real);
  const ends = new Map(thread.writes.map(({ token, end }) => [token, end]));
  const isShown = missing.some((token) =>
    all.some(({ begin, list }) => begin > (ends.get(token) ?? Infinity) && list.includes(token)),
  );
  const isForeign = (token: Token, life: Life | null) => {
    const maker = evidence.makerOf(token);
    return maker !== null && maker !== life;
  };
  const exchanges = all.some(({ life, list }) =>
    life === after.life
      ? list.some((token) => isForeign(token, life))
      : list.some((token) => evidence.makerOf(token) === after.life),
  );
  return isShown && exchanges;
}

/** What a life showed or acknowledged before an observation. */
function knownTo({ life, begin, turn }: Observation, all: readonly Observation[]): Set<Token> {
  const earlier = all.filter(
    (it) => it.life === life && it.end < begin && it.turn !== turn && it.source !== "reply",
  );
  return new Set(earlier.flatMap(({ list }) => list));
}

/** The same life shows the missing turns later, without a restart. */
function isBack({ thread, missing, after }: Disagreement, evidence: Evidence): boolean {
  return missing.every((token) =>
    evidence
      .observationsOf(thread)
      .some(
        ({ real, life, begin, list }) =>
          real && life === after.life && begin > after.begin && list.includes(token),
      ),
  );
}
