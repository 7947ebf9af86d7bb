/**
 * Which levels of consistency a thread keeps. The check is exact, and linear in what was read:
 * every append is unique and a read shows the whole order, so it needs no search. Let V be the
 * longest list. The write of V[p] has rank 2p+1, a read of l blocks has rank 2l, an acknowledged
 * write that no read shows has rank infinity, and an unknown write that no read shows is dropped. A
 * history is linearizable if and only if every list is a clean prefix of V and no operation ranks
 * below one that had ended before it began. `agreement.test.ts` compares this with a search by
 * brute force.
 */
import { keptLevels, type Level } from "../../history/level.ts";
import type { Break } from "../verdict.ts";
import { flawsOf, registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";
import { type LongestList, longestListOf } from "./longest-list.ts";
import { scan } from "./scan.ts";
import type { Ranked } from "./scan.ts";

/** What one thread keeps and breaks. */
export interface ThreadLevels {
  readonly kept: readonly Level[];
  /**
   * The first break of each broken level, the lowest level first. Levels above a broken
   * `one-history`, or above a level that it requires, are not judged.
   */
  readonly breaks: readonly Break[];
}

/** The levels of one thread that break, and those that it keeps up to `top`. */
export function threadLevels(breaks: readonly Break[], top?: Level): ThreadLevels {
  const broken = breaks.map(({ level }) => level);
  return { kept: keptLevels(broken, top), breaks };
}

/** Judges one thread by lists that each show the whole of it. */
export function judgeLevels(operations: ThreadOperations, owners: Owners): ThreadLevels {
  return threadLevels(breaksOf(operations, owners));
}

function breaksOf(operations: ThreadOperations, owners: Owners): readonly Break[] {
  const { reads } = operations;
  const longest = longestListOf(operations);
  const integrity = integrityBreak(operations, owners, longest);
  if (integrity) return [integrity];
  const lost = lostTurn(operations, longest);
  if (lost) return [lost];
  const fork = firstOf(reads, "one-history", (read, place) =>
    isPrefix(longest, place)
      ? null
      : `the list that ${nameOf(read)} showed is not a part of the longest list`,
  );
  return fork ? [fork] : scan(ranked(operations, longest));
}

/** The read in words: "the state on b", "the model call of tpq-… on a". */
export function nameOf(read: Read): string {
  const on = read.replica === null ? "" : ` on ${read.replica}`;
  if (read.source === "state") return `the state${on}`;
  if (read.source === "repeat") return `what was repeated${on}`;
  return `the ${read.source === "model" ? "model call" : "reply"} of ${read.turn}${on}`;
}

/** The earliest break; `why` gives the reason why a read breaks the level, or null. */
export function firstOf(
  reads: readonly Read[],
  level: Level,
  why: (read: Read, place: number) => string | null,
): Break | null {
  let first: Break | null = null;
  for (const [place, read] of reads.entries()) {
    if (first && first.seq <= read.end) continue;
    const because = why(read, place);
    if (because !== null) first = { level, seq: read.end, because };
  }
  return first;
}

/** The complete blocks of the read are a prefix of the longest list. */
function isPrefix({ agreed, complete }: LongestList, place: number): boolean {
  return (agreed[place] ?? 0) >= (complete[place] ?? 0);
}

/**
 * A prefix of a clean longest list that shows no message before it was sent is clean itself. Only
 * other lists are examined token by token.
 */
function integrityBreak(
  operations: ThreadOperations,
  owners: Owners,
  longest: LongestList,
): Break | null {
  let register: Register | undefined;
  return firstOf(operations.reads, "integrity", (read, place) => {
    const { length } = read.list;
    const waits = (longest.complete[place] ?? 0) < length;
    const part = longest.clean && longest.agreed[place] === length && !waits;
    if (part && (longest.saidBy[length] ?? 0) < read.end) return null;
    register ??= registerOf(operations, owners);
    const flaw = flawsOf(read, register)[0];
    return flaw ? `${nameOf(read)}: ${flaw.because}` : null;
  });
}

/** The reads after the heal; without any, the one read that began last. */
export function lastReads(reads: readonly Read[]): Read[] {
  const last = reads.filter((read) => read.last);
  return last.length > 0 ? last : reads.slice(-1);
}

/**
 * A turn is lost if it was acknowledged and none of the last reads that began after that shows it.
 * A turn that some replica still shows is not lost: that is a fork, or a stale read.
 */
function lostTurn({ reads, writes }: ThreadOperations, longest: LongestList): Break | null {
  const last = lastReads(reads);
  const newest = last.at(-1);
  const place = newest ? reads.lastIndexOf(newest) : -1;
  const { blocks, complete, places } = longest;
  const shown = isPrefix(longest, place) ? (blocks[complete[place] ?? 0] ?? 0) : 0;
  let first: Break | null = null;
  for (const [index, write] of writes.entries()) {
    if (write.outcome !== "ok") continue;
    // Nearly always the newest list shows it, which saves the search below.
    const block = places[index] ?? -1;
    if (block >= 0 && block < shown && newest && newest.begin > write.end) continue;
    const obliged = last.filter(({ begin }) => begin > write.end);
    if (obliged.some((read) => showsBlock(read, write))) continue;
    const [seen] = obliged.toSorted((one, other) => one.end - other.end);
    if (!seen || (first && first.seq <= seen.end)) continue;
    const because = `${write.turn} was acknowledged, and ${nameOf(seen)} does not show it`;
    first = { level: "no-lost-turns", seq: seen.end, because };
  }
  return first;
}

function showsBlock({ list }: Read, { token, silent }: Write): boolean {
  const place = list.indexOf(token);
  return place >= 0 && (silent || place < list.length - 1);
}

/** All operations with their ranks, in order of their begin. */
function ranked({ writes, reads, numbered }: ThreadOperations, longest: LongestList): Ranked[] {
  const { places, blocks, complete } = longest;
  const operations: Ranked[] = [];
  const rankOf = (index: number) => {
    const place = places[index] ?? -1;
    return place < 0 ? Infinity : 2 * place + 1;
  };
  let next = 0;
  const addWritesBefore = (begin: number) => {
    for (let write = writes[next]; write && write.begin < begin; write = writes[++next]) {
      const rank = rankOf(next);
      if (rank === Infinity && write.outcome !== "ok") continue;
      operations.push({ operation: write, rank, owed: 0 });
    }
  };
  for (let place = 0; place < reads.length; place++) {
    const operation = reads[place];
    if (!operation) continue;
    addWritesBefore(operation.begin);
    const rank = 2 * (blocks[complete[place] ?? 0] ?? 0);
    const owed = operation.source === "reply" ? rankOf(numbered.own[place] ?? -1) : 0;
    operations.push({ operation, rank, owed });
  }
  addWritesBefore(Infinity);
  return operations;
}
