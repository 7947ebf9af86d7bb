/**
 * Threads of an agent that shows a window: it trims or summarises, so a list is no prefix and the
 * theorem does not hold. What is left: each list is clean (`integrity`), a turn inside the declared
 * window is there (`no-lost-turns`), and where lists overlap they agree (`one-history`). Nothing is
 * said above that, and nothing where two lists have no turn in common.
 */
import type { Token } from "../../history/token.ts";
import type { Level } from "../../history/level.ts";
import type { Break } from "../verdict.ts";
import type { Clash } from "./conflicts.ts";
import { completeLength, flawsOf, registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import { firstOf, nameOf, type ThreadLevels, threadLevels } from "./ladder.ts";
import type { Sighting } from "./observations.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";

export interface Windowed extends ThreadLevels {
  /** Why it cannot be told whether all lists are of one history; null where it can. */
  readonly gap: string | null;
  /** What is missing inside the window, as clashes for the diagnosis. */
  readonly clashes: (sightings: readonly Sighting[]) => readonly Clash[];
}

/** Judges one thread by lists that show at most the last `window` turns. */
export function throughWindow(
  operations: ThreadOperations,
  owners: Owners,
  window: number,
): Windowed {
  const register = registerOf(operations, owners, true);
  const { reads } = operations;
  const missed = reads.map((read) => missedBy(read, operations, register, window));
  const shownLater = (write: Write, read: Read) =>
    reads.some(
      ({ begin, last, list }) =>
        (begin > read.end || (last && read.last)) && list.includes(write.token),
    );
  const clashes = (sightings: readonly Sighting[]) =>
    reads.flatMap((read, place) => clashesOf(read, missed[place] ?? [], sightings));
  const as = (broken: Break | null, top: Level = "one-history", gap: string | null = null) => ({
    ...threadLevels(broken === null ? [] : [broken], top),
    gap,
    clashes,
  });

  const damage = firstOf(reads, "integrity", (read) => {
    const flaw = flawsOf(read, register)[0];
    return flaw ? `${nameOf(read)}: ${flaw.because}` : null;
  });
  if (damage) return as(damage);
  const loss = firstOf(reads, "no-lost-turns", (read, place) => {
    const lost = missed[place]?.find((write) => !shownLater(write, read));
    return lost ? lacks(read, lost, window) : null;
  });
  if (loss) return as(loss);
  const { disagrees, gap } = compare(reads, register);
  const fork = firstOf(reads, "one-history", (read, place) => {
    if (read === disagrees) return `${nameOf(read)} disagrees with a list that it overlaps`;
    // Another of the last reads shows it: at the end there are two histories.
    const [other] = read.last ? (missed[place] ?? []) : [];
    return other ? lacks(read, other, window) : null;
  });
  if (fork) return as(fork);
  const stale = firstOf(reads, "linearizable", (read, place) => {
    const [late] = missed[place] ?? [];
    return late ? lacks(read, late, window) : null;
  });
  return as(stale, gap === null ? "one-history" : "no-lost-turns", gap);
}

function lacks(read: Read, { turn }: Write, window: number): string {
  const where = nameOf(read);
  return `${turn} was acknowledged, is one of the last ${window} turns, and ${where} lacks it`;
}

/**
 * Acknowledged turns that must be inside the window of a read, and are not: even if every turn
 * that may have come after them did, unknown ones and the reader's own, they are not pushed out.
 */
function missedBy(
  read: Read,
  { writes }: ThreadOperations,
  register: Register,
  window: number,
): Write[] {
  const shown = new Set(read.list.slice(0, completeLength(read.list, register)));
  const said = writes.filter(({ begin, outcome }) => begin < read.end && outcome !== "failed");
  const missed: Write[] = [];
  for (const write of said.toReversed()) {
    const after = said.filter((other) => other !== write && other.end >= write.begin).length;
    if (after >= window) break;
    const told = write.outcome === "ok" && write.end < read.begin;
    if (told && !shown.has(write.token)) missed.push(write);
  }
  return missed;
}

function clashesOf(read: Read, missed: readonly Write[], sightings: readonly Sighting[]): Clash[] {
  const after = sightings.find(
    ({ real, begin, end, turn }) =>
      real && begin === read.begin && end === read.end && turn === read.turn,
  );
  return missed.flatMap(({ turn, token }) => {
    const before = sightings.find((each) => !each.real && each.turn === turn);
    // What else is in a window says nothing: it may be there because time went on.
    return before && after ? [{ before, after, missing: [token], rivals: [] }] : [];
  });
}

/** Lays each list along those before it, where they have a token in common. */
function compare(
  reads: readonly Read[],
  register: Register,
): { readonly disagrees: Read | null; readonly gap: string | null } {
  let known: readonly Token[] = [];
  let gap: string | null = null;
  for (const read of reads) {
    const list = read.list.slice(0, completeLength(read.list, register));
    if (list.length === 0) continue;
    const joined = join(known, list);
    if (joined === "disagree") return { disagrees: read, gap };
    if (joined === "apart")
      gap ??= `${nameOf(read)} has no turn in common with the lists before it`;
    known = joined === "apart" ? list : joined;
  }
  return { disagrees: null, gap };
}

function join(
  known: readonly Token[],
  list: readonly Token[],
): readonly Token[] | "apart" | "disagree" {
  if (known.length === 0) return list;
  const common = list.findIndex((token) => known.includes(token));
  if (common < 0) return "apart";
  const place = known.indexOf(list[common] ?? "");
  // The list may begin before what is known, but then nothing that is known may be in between.
  if (common > 0 && place > 0) return "disagree";
  const overlap = Math.min(known.length - place, list.length - common);
  for (let step = 0; step < overlap; step++) {
    if (known[place + step] !== list[common + step]) return "disagree";
  }
  const rest = list.slice(common + overlap);
  if (rest.some((token) => known.includes(token))) return "disagree";
  return [...list.slice(0, common), ...known, ...rest];
}
