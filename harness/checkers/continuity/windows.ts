/**
 * Threads of an agent that trims or summarises: each list is a window and no prefix, so the check
 * of `thread-levels.ts` does not apply. What can be judged: each list is clean (`integrity`), a
 * turn inside the declared window is there (`no-lost-turns`), and lists that overlap agree
 * (`one-history`). Higher levels are not judged, nor lists without a common turn.
 */
import type { Token } from "../../history/token.ts";
import type { Level } from "../../history/level.ts";
import type { Break } from "../verdict.ts";
import type { Conflict } from "./conflicts.ts";
import { completeLength, flawsOf, registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import { firstOf, nameOf, type ThreadLevels, threadLevels } from "./thread-levels.ts";
import type { Observation } from "./observations.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";

export interface Windowed extends ThreadLevels {
  /** Why it is not known whether all lists belong to one history; null: it is known. */
  readonly gap: string | null;
  /** The turns that are missing inside the window, as conflicts for the diagnosis. */
  readonly conflicts: (observations: readonly Observation[]) => readonly Conflict[];
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
  const conflicts = (observations: readonly Observation[]) =>
    reads.flatMap((read, place) => conflictsOf(read, missed[place] ?? [], observations));
  const as = (broken: Break | null, top: Level = "one-history", gap: string | null = null) => ({
    ...threadLevels(broken === null ? [] : [broken], top),
    gap,
    conflicts,
  });

  const corrupt = firstOf(reads, "integrity", (read) => {
    const flaw = flawsOf(read, register)[0];
    return flaw ? `${nameOf(read)}: ${flaw.because}` : null;
  });
  if (corrupt) return as(corrupt);
  const loss = firstOf(reads, "no-lost-turns", (read, place) => {
    const lost = missed[place]?.find((write) => !shownLater(write, read));
    return lost ? lacks(read, lost, window) : null;
  });
  if (loss) return as(loss);
  const { disagrees, gap } = compare(reads, register);
  const fork = firstOf(reads, "one-history", (read, place) => {
    if (read === disagrees) return `${nameOf(read)} disagrees with a list that it overlaps`;
    // Another one of the last reads shows the turn, so there are two histories.
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
 * Acknowledged turns that must be inside the window of a read, and are not. They would be inside
 * even if every turn that may have come after them did, including unknown ones and the reader's
 * own.
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
    // A turn that was sent again may be in the window once for each attempt.
    const after = said
      .filter((other) => other !== write && other.end >= write.begin)
      .reduce((sum, { attempts }) => sum + attempts.length, write.attempts.length - 1);
    if (after >= window) break;
    const isDue = write.outcome === "ok" && write.end < read.begin;
    if (isDue && !shown.has(write.token)) missed.push(write);
  }
  return missed;
}

function conflictsOf(
  read: Read,
  missed: readonly Write[],
  observations: readonly Observation[],
): Conflict[] {
  const after = observations.find(
    ({ real, begin, end, turn }) =>
      real && begin === read.begin && end === read.end && turn === read.turn,
  );
  return missed.flatMap(({ turn, token }) => {
    const before = observations.find((each) => !each.real && each.turn === turn);
    // Other turns in the window prove nothing: they may simply be newer.
    return before && after ? [{ before, after, missing: [token], added: [] }] : [];
  });
}

/** Compares each list with the ones before it, if they have a token in common. */
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
  // The list may begin before the known one, but then no known token may be in between.
  if (common > 0 && place > 0) return "disagree";
  const overlap = Math.min(known.length - place, list.length - common);
  for (let step = 0; step < overlap; step++) {
    if (known[place + step] !== list[common + step]) return "disagree";
  }
  const rest = list.slice(common + overlap);
  if (rest.some((token) => known.includes(token))) return "disagree";
  return [...list.slice(0, common), ...known, ...rest];
}
