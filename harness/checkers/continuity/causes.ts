/** From conflicts to causes: each cause has its own shape, and no two shapes overlap. */
import type { Token } from "../../history/token.ts";
import { inWords, type PlainKind } from "../findings.ts";
import { endOf, type Life, type Time } from "../lives.ts";
import type { Conflict } from "./conflicts.ts";
import type { Observation, Sharing } from "./observations.ts";
import type { ThreadOperations, Write } from "./operation.ts";

export interface Cause {
  readonly kind: PlainKind;
  readonly conflict: Conflict;
  /** What the conflict means, as the end of a sentence that begins with the two lists. */
  readonly because: string;
  /**
   * The only sign is a replica that never had a turn. Every service that keeps memory within the
   * process shows that, so it counts only if there is no better explanation.
   */
  readonly weak: boolean;
}

/** The facts about one thread and about the replicas that served it. */
interface Evidence {
  readonly operations: ThreadOperations;
  readonly observations: readonly Observation[];
  readonly sharing: Sharing;
  /** The times in which a replica was paused or cut off. */
  readonly absences: readonly Time[];
  /** The times in which the clock of a replica was ahead. */
  readonly ahead: readonly Time[];
}

/** These leave a thread with two branches, which explains turns that are gone or late. */
const forks: readonly PlainKind[] = [
  "split-brain",
  "amnesia",
  "zombie-write",
  "ordered-by-clock",
  "lost-update",
];

/** The causes of a thread's conflicts, each kind once, without those that another one explains. */
export function causesOf(evidence: Evidence, conflicts: readonly Conflict[]): Cause[] {
  const forgotten = noMemory(evidence);
  if (forgotten) return [forgotten];
  const found = new Map<PlainKind, Cause>();
  const split = new Set<string>();
  for (const conflict of conflicts) {
    const cause = causeOf(conflict, evidence, split);
    if (!cause) continue;
    const before = found.get(cause.kind);
    if (!before || (before.weak && !cause.weak)) found.set(cause.kind, cause);
  }
  if (forks.some((kind) => found.has(kind))) found.delete("lost-turn");
  if (found.size > 1) found.delete("stale-read");
  return [...found.values()];
}

function causeOf(conflict: Conflict, evidence: Evidence, split: Set<string>): Cause | null {
  const { before, after, missing, added } = conflict;
  if (missing.length === 0 && added.length === 0) return null;
  const as = (kind: PlainKind, because: string, weak = false) => ({
    ...{ kind, conflict, because, weak },
  });
  const one = before.replica ?? "one replica";
  const other = after.replica ?? "another";
  const splitBrain = `${one} and ${other} were both up, and each keeps its own memory`;
  const pair = [before.life, after.life].map((life) => life && nameOf(life)).join(" ");
  // Two processes with separate memories keep disagreeing: one diagnosis explains it all.
  if (split.has(pair)) return null;
  if (before.life && after.life && evidence.sharing.apart(before.life, after.life)) {
    if (endOf(before.life) < after.begin) {
      return as("amnesia", `the process of ${one} had ended in between, and its memory with it`);
    }
    split.add(pair);
    const weak = !evidence.observations.some((each) => hasTurns(each, after.replica));
    return as("split-brain", splitBrain, weak);
  }
  if (wroteAfterAbsence(conflict, evidence)) {
    const what = "a turn of a replica that had been paused or cut off continued, and overwrote it";
    return as("zombie-write", what);
  }
  if (isOutdatedByClock(conflict, evidence)) {
    const what = "a replica whose clock is ahead had saved the thread with a later time";
    return as("ordered-by-clock", what);
  }
  const replaced = as("lost-update", `${turnsIn(added)} took its place`);
  const lost = as("lost-turn", "it was acknowledged and then lost");
  if (added.length > 0) {
    if (missing.length === 0 || overlapping(evidence, missing, added)) return replaced;
    if (alternates(conflict, evidence)) {
      split.add(pair);
      return as("split-brain", splitBrain);
    }
    return diedWith(conflict, evidence) ? lost : replaced;
  }
  const isBack = missing.every((token) =>
    evidence.observations.some(
      ({ real, begin, list }) => real && begin > after.begin && list.includes(token),
    ),
  );
  if (isBack) return as("stale-read", "later reads show it again: what it read was out of date");
  if (!overlapping(evidence, missing, null)) return lost;
  return as("lost-update", "another turn on the thread was under way at the same time");
}

/** At most four turns in words: more do not help. */
export function turnsIn(tokens: readonly Token[]): string {
  return inWords(tokens.slice(0, 4));
}

const nameOf = ({ replica, ordinal }: Life) => `${replica}#${ordinal}`;

/** A replica that had nothing but the engine's last turn has no memory that could differ. */
const hasTurns = ({ replica, list, real, last }: Observation, of: string | null) =>
  replica === of && list.length > 0 && (real || !last);

/**
 * The missing turn was saved while a replica was absent in another turn of the thread, and is
 * missing after that replica was back.
 */
function wroteAfterAbsence(
  { after, missing }: Conflict,
  { operations, absences }: Evidence,
): boolean {
  const gone = operations.writes.filter(({ token }) => missing.includes(token));
  return absences.some(({ replica, from, until }) => {
    const saved = gone.some(({ begin, end }) => begin < until && from < end);
    const inFlight = operations.writes.some(
      (write) =>
        !gone.includes(write) &&
        write.attempts.some(
          (attempt) => attempt.replica === replica && attempt.begin < from && from < attempt.end,
        ),
    );
    return saved && inFlight && until < after.end;
  });
}

/** The missing turn came after another turn of the thread on a replica whose clock is ahead. */
function isOutdatedByClock({ missing }: Conflict, { operations, ahead }: Evidence): boolean {
  const gone = operations.writes.filter(({ token }) => missing.includes(token));
  return ahead.some(({ replica, from, until }) => {
    const isAhead = (write: Write, before: number) =>
      write.attempts.some(
        ({ replica: by, begin }) =>
          by === replica && from < begin && begin < Math.min(until, before),
      );
    return gone.some((write) =>
      operations.writes.some((other) => other !== write && isAhead(other, write.end)),
    );
  });
}

/** A missing turn was under way at the same time as one of the others; null: as any other. */
function overlapping(
  { operations }: Evidence,
  missing: readonly Token[],
  others: readonly Token[] | null,
): boolean {
  const gone = operations.writes.filter(({ token }) => missing.includes(token));
  const rest = operations.writes.filter(
    ({ token, outcome }) =>
      outcome !== "failed" && (others ? others.includes(token) : !missing.includes(token)),
  );
  return gone.some((one) => rest.some((other) => overlap(one, other)));
}

/** An attempt of the one was under way at the same time as an attempt of the other. */
export function overlap(one: Write, other: Write): boolean {
  return one.attempts.some((a) => other.attempts.some((b) => a.begin < b.end && b.begin < a.end));
}

/** Each of two processes continues its own branch after it could have seen the other's. */
function alternates(
  { before, after, missing, added }: Conflict,
  { observations }: Evidence,
): boolean {
  const mine = (token: Token) => missing.includes(token);
  const theirs = (token: Token) => added.includes(token);
  if (before.life === null || after.life === null || before.life === after.life) return false;
  const of = (life: Life | null) => observations.filter((each) => each.real && each.life === life);
  const first = of(before.life);
  const other = of(after.life);
  if (first.some(({ list }) => list.some(theirs)) || other.some(({ list }) => list.some(mine))) {
    return false;
  }
  return first.some(({ begin, list }) => begin > after.end && list.some(mine));
}

/** The process that had acknowledged a missing turn ended before a read lacked the turn. */
function diedWith({ after, missing }: Conflict, { observations }: Evidence): boolean {
  return observations.some(
    ({ real, life, own, end }) =>
      !real &&
      life !== null &&
      end < endOf(life) &&
      endOf(life) < after.begin &&
      own !== null &&
      missing.includes(own),
  );
}

/**
 * A turn was acknowledged, and the next one on the same life of the same replica sees nothing; and
 * no read of the thread ever showed any turn but the one that was under way.
 */
function noMemory({ observations }: Evidence): Cause | null {
  const others = ({ list, own }: Observation) =>
    own !== null && list[0] === own ? list.slice(2) : list;
  if (observations.some((each) => each.real && others(each).length > 0)) return null;
  for (const after of observations) {
    if (!after.real || after.life === null) continue;
    const before = observations.find(
      ({ real, life, end }) => !real && life === after.life && end < after.begin,
    );
    if (!before) continue;
    const missing = before.list.slice(0, 1);
    const because = `${after.replica ?? "the replica"} had not restarted, and remembers nothing`;
    const conflict = { before, after, missing, added: after.list.slice(0, 1) };
    return { kind: "no-memory", conflict, because, weak: false };
  }
  return null;
}
