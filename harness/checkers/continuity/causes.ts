/** From clashes to causes: each cause has a shape, and the shapes exclude one another. */
import type { Token } from "../../history/token.ts";
import type { Time } from "../lives.ts";
import type { Clash } from "./conflicts.ts";
import type { Life, Sharing, Sighting } from "./observations.ts";
import type { ThreadOperations, Write } from "./operation.ts";

export type Cause =
  | "split-brain"
  | "amnesia"
  | "zombie-write"
  | "ordered-by-clock"
  | "lost-update"
  | "lost-turn"
  | "stale-read"
  | "no-memory";

export interface Caused {
  readonly cause: Cause;
  readonly clash: Clash;
  /**
   * A replica that never had anything of its own: a symptom of whatever keeps memory within a
   * process, and a cause of its own only where nothing else is found.
   */
  readonly weak: boolean;
}

interface Scene {
  readonly operations: ThreadOperations;
  readonly sightings: readonly Sighting[];
  readonly sharing: Sharing;
  /** In which a replica was paused or cut off. */
  readonly absences: readonly Time[];
  /** For which the clock of a replica was ahead. */
  readonly ahead: readonly Time[];
}

/** The causes that a thread's clashes point to, one for each, derived ones left out. */
export function causesOf(scene: Scene, clashes: readonly Clash[]): Caused[] {
  const forgotten = noMemory(scene);
  if (forgotten) return [{ cause: "no-memory", clash: forgotten, weak: false }];
  const found = new Map<Cause, Caused>();
  const split = new Set<string>();
  for (const clash of clashes) {
    const caused = causeOf(clash, scene, split);
    if (!caused) continue;
    const before = found.get(caused.cause);
    if (!before || (before.weak && !caused.weak)) found.set(caused.cause, caused);
  }
  // What is gone, or not there yet, where a fork was found, is the fork's doing.
  const fork = [
    "split-brain",
    "amnesia",
    "zombie-write",
    "ordered-by-clock",
    "lost-update",
  ] as const;
  if (fork.some((cause) => found.has(cause))) found.delete("lost-turn");
  if (found.size > 1) found.delete("stale-read");
  return [...found.values()];
}

function causeOf(clash: Clash, scene: Scene, split: Set<string>): Caused | null {
  const { before, after, missing, rivals } = clash;
  if (missing.length === 0 && rivals.length === 0) return null;
  const as = (cause: Cause, weak = false): Caused => ({ cause, clash, weak });
  const pair = [before.life, after.life].map((life) => life && nameOf(life)).join(" ");
  // Two processes with separate memories keep disagreeing: one diagnosis explains it all.
  if (split.has(pair)) return null;
  if (before.life && after.life && scene.sharing.apart(before.life, after.life)) {
    if (before.life.ended < after.begin) return as("amnesia");
    split.add(pair);
    return as("split-brain", !scene.sightings.some((each) => hasOwn(each, after.replica)));
  }
  if (takenBack(clash, scene)) return as("zombie-write");
  if (outdated(clash, scene)) return as("ordered-by-clock");
  if (rivals.length > 0) {
    if (missing.length === 0 || overlapping(scene, missing, rivals)) return as("lost-update");
    if (alternates(clash, scene)) {
      split.add(pair);
      return as("split-brain");
    }
    return as(diedWith(clash, scene) ? "lost-turn" : "lost-update");
  }
  const back = missing.every((token) =>
    scene.sightings.some(
      ({ real, begin, list }) => real && begin > after.begin && list.includes(token),
    ),
  );
  if (back) return as("stale-read");
  return as(overlapping(scene, missing, null) ? "lost-update" : "lost-turn");
}

const nameOf = ({ replica, ordinal }: Life) => `${replica}#${ordinal}`;

/** A replica that got nothing but the engine's own last turn has no memory that could differ. */
const hasOwn = ({ replica, list, real, last }: Sighting, of: string | null) =>
  replica === of && list.length > 0 && (real || !last);

/**
 * What is missing was saved while a replica was absent with another turn of the thread in flight,
 * and is missed once that replica was back.
 */
function takenBack({ after, missing }: Clash, { operations, absences }: Scene): boolean {
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

/** What is missing was said after another turn of the thread had reached a clock that is ahead. */
function outdated({ missing }: Clash, { operations, ahead }: Scene): boolean {
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

/** Some missing turn was under way at the same time as one of the others. */
function overlapping(
  { operations }: Scene,
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

/** Somebody waited for both at the same time. */
export function overlap(one: Write, other: Write): boolean {
  return one.attempts.some((a) => other.attempts.some((b) => a.begin < b.end && b.begin < a.end));
}

/** Each of the two processes goes on with its own branch after it could have known the other's. */
function alternates({ before, after, missing, rivals }: Clash, { sightings }: Scene): boolean {
  const mine = (token: Token) => missing.includes(token);
  const theirs = (token: Token) => rivals.includes(token);
  if (before.life === null || after.life === null || before.life === after.life) return false;
  const of = (life: Life | null) => sightings.filter((each) => each.real && each.life === life);
  const first = of(before.life);
  const other = of(after.life);
  if (first.some(({ list }) => list.some(theirs)) || other.some(({ list }) => list.some(mine))) {
    return false;
  }
  return first.some(({ begin, list }) => begin > after.end && list.some(mine));
}

/** The process that had acknowledged a missing turn was dead when the turn was missed. */
function diedWith({ after, missing }: Clash, { sightings }: Scene): boolean {
  return sightings.some(
    ({ real, life, own, end }) =>
      !real &&
      life !== null &&
      end < life.ended &&
      life.ended < after.begin &&
      own !== null &&
      missing.includes(own),
  );
}

/**
 * A turn was acknowledged, and the next on the same life of the same replica sees nothing; and
 * nobody on this thread ever saw any turn but the one that was just under way.
 */
function noMemory({ sightings }: Scene): Clash | null {
  const others = ({ list, own }: Sighting) =>
    own !== null && list[0] === own ? list.slice(2) : list;
  if (sightings.some((each) => each.real && others(each).length > 0)) return null;
  for (const after of sightings) {
    if (!after.real || after.life === null) continue;
    const before = sightings.find(
      ({ real, life, end }) => !real && life === after.life && end < after.begin,
    );
    if (!before) continue;
    const missing = before.list.slice(0, 1);
    return { before, after, missing, rivals: after.list.slice(0, 1) };
  }
  return null;
}
