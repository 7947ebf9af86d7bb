/**
 * How far up the ladder a thread keeps its promises. Exact, and linear in what was read: every
 * append is unique and a read shows the whole order, so nothing has to be searched. Let V be the
 * longest list; the write of V[p] has rank 2p+1, a read of l blocks rank 2l, an acknowledged write
 * that nobody saw rank infinity, and an unknown write that nobody saw is dropped. Then a history is
 * linearizable iff every list is a clean prefix of V and nobody ranks below what had ended before
 * it began (see continuity.md, and agreement.test.ts for the proof by brute force).
 */
import { keptLevels, type Level } from "../../history/level.ts";
import type { Break } from "../verdict.ts";
import { flawsOf, registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";
import { spineOf } from "./longest-list.ts";
import type { Spine } from "./longest-list.ts";
import { sweep } from "./scan.ts";
import type { Ranked } from "./scan.ts";

/** What one thread keeps and breaks. */
export interface ThreadLevels {
  readonly kept: readonly Level[];
  /**
   * The first break of each broken level, the lowest level first. Above a break of `one-history` or
   * of what it requires nothing is judged.
   */
  readonly breaks: readonly Break[];
}

/** The levels of one thread that break, and those that it keeps up to `top`. */
export function threadLevels(breaks: readonly Break[], top?: Level): ThreadLevels {
  const broken = breaks.map(({ level }) => level);
  return { kept: keptLevels(broken, top), breaks };
}

/** Judges one thread by lists that each show the whole of it. */
export function climb(operations: ThreadOperations, owners: Owners): ThreadLevels {
  return threadLevels(breaksOf(operations, owners));
}

function breaksOf(operations: ThreadOperations, owners: Owners): readonly Break[] {
  const { reads } = operations;
  const spine = spineOf(operations);
  const integrity = integrityBreak(operations, owners, spine);
  if (integrity) return [integrity];
  const lost = lostTurn(operations, spine);
  if (lost) return [lost];
  const fork = firstOf(reads, "one-history", (read, place) =>
    onSpine(spine, place)
      ? null
      : `the list that ${nameOf(read)} showed is not a part of the longest list`,
  );
  return fork ? [fork] : sweep(ranked(operations, spine));
}

/** In words, who read: "the state on b", "the model call of turn-3 on a". */
export function nameOf(read: Read): string {
  const on = read.replica === null ? "" : ` on ${read.replica}`;
  if (read.source === "state") return `the state${on}`;
  if (read.source === "repeat") return `what was repeated${on}`;
  return `the ${read.source === "model" ? "model call" : "reply"} of ${read.turn}${on}`;
}

/** The break whose entry comes first, among the reads of which `why` says that they break. */
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

/** All complete blocks that the read shows are where the spine has them. */
function onSpine({ agreed, complete }: Spine, place: number): boolean {
  return (agreed[place] ?? 0) >= (complete[place] ?? 0);
}

/**
 * A list that is a part of a clean spine, and shows nothing before it was said, is clean itself,
 * so only the others are looked through token by token.
 */
function integrityBreak(operations: ThreadOperations, owners: Owners, spine: Spine): Break | null {
  let register: Register | undefined;
  return firstOf(operations.reads, "integrity", (read, place) => {
    const { length } = read.list;
    const waits = (spine.complete[place] ?? 0) < length;
    const part = spine.clean && spine.agreed[place] === length && !waits;
    if (part && (spine.saidBy[length] ?? 0) < read.end) return null;
    register ??= registerOf(operations, owners);
    const flaw = flawsOf(read, register)[0];
    return flaw ? `${nameOf(read)}: ${flaw.because}` : null;
  });
}

/** The reads after everything is healed; where there are none, the one read that began last. */
export function lastReads(reads: readonly Read[]): Read[] {
  const last = reads.filter((read) => read.last);
  return last.length > 0 ? last : reads.slice(-1);
}

/**
 * A turn is lost if it was acknowledged and none of the last reads that began after that shows
 * it. One that some replica still shows is not lost: that is a fork, or stale.
 */
function lostTurn({ reads, writes }: ThreadOperations, spine: Spine): Break | null {
  const last = lastReads(reads);
  const newest = last.at(-1);
  const place = newest ? reads.lastIndexOf(newest) : -1;
  const shown = onSpine(spine, place) ? (spine.blocks[spine.complete[place] ?? 0] ?? 0) : 0;
  let first: Break | null = null;
  for (const [index, write] of writes.entries()) {
    if (write.outcome !== "ok") continue;
    // Nearly always the newest list shows it; only else is anything looked for.
    const inSpine = spine.places[index] ?? -1;
    if (inSpine >= 0 && inSpine < shown && newest && newest.begin > write.end) continue;
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
function ranked({ writes, reads, numbered }: ThreadOperations, spine: Spine): Ranked[] {
  const { places, blocks, complete } = spine;
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
