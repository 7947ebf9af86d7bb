/**
 * How far up the ladder a thread keeps its promises. Exact, and linear in what was read: every
 * append is unique and a read shows the whole order, so nothing has to be searched. Let V be the
 * longest list; the write of V[p] has rank 2p+1, a read of l blocks rank 2l, an acknowledged write
 * that nobody saw rank infinity, and an unknown write that nobody saw is dropped. Then a history is
 * linearizable iff every list is a clean prefix of V and nobody ranks below what had ended before
 * it began (see continuity.md, and agreement.test.ts for the proof by brute force).
 */
import type { Level, Token } from "../../history.ts";
import type { Ladder } from "../../verdict.ts";
import { completeLength, flawsOf, isMessage, registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operations.ts";
import { sweep } from "./sweep.ts";
import type { Ranked } from "./sweep.ts";

export type Break = NonNullable<Ladder["broken"]>;

/** The ladder of one thread; `broken` is the first entry that breaks the lowest broken level. */
export function climb(operations: ThreadOperations, owners: Owners): Ladder {
  const register = registerOf(operations, owners);
  const { reads } = operations;
  const complete = reads.map(({ list }) => completeLength(list, register));
  const longest = longestOf(reads, complete);
  const agreed = reads.map(({ list }) => sharedLength(list, longest));

  const integrity = integrityBreak(reads, longest, agreed, register);
  if (integrity) return { kept: null, broken: integrity };
  const lost = lostTurn(operations, complete);
  if (lost) return { kept: "L0", broken: lost };
  const fork = firstOf(reads, "L2", (read, place) =>
    (agreed[place] ?? 0) < (complete[place] ?? 0)
      ? `the list that ${nameOf(read)} showed is not a part of the longest list`
      : null,
  );
  if (fork) return { kept: "L1", broken: fork };

  const broken = sweep(ranked(operations, longest, complete, register));
  if (!broken) return { kept: "L6", broken: null };
  return { kept: below[broken.level], broken };
}

const below: Readonly<Record<Level, Level | null>> = {
  L0: null,
  L1: "L0",
  L2: "L1",
  L3: "L2",
  L4: "L3",
  L5: "L4",
  L6: "L5",
};

/** In words, who read: "the state on b", "the model call of turn-3 on a". */
export function nameOf(read: Read): string {
  const on = read.replica === null ? "" : ` on ${read.replica}`;
  if (read.source === "state") return `the state${on}`;
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

function longestOf(reads: readonly Read[], complete: readonly number[]): readonly Token[] {
  let longest: readonly Token[] = [];
  let length = 0;
  for (let place = 0; place < reads.length; place++) {
    if ((complete[place] ?? 0) <= length) continue;
    length = complete[place] ?? 0;
    longest = reads[place]?.list ?? [];
  }
  return longest.length === length ? longest : longest.slice(0, length);
}

function sharedLength(list: readonly Token[], longest: readonly Token[]): number {
  const limit = Math.min(list.length, longest.length);
  let length = 0;
  while (length < limit && list[length] === longest[length]) length++;
  return length;
}

/**
 * A list that is a part of a clean V, and shows nothing before it was said, is clean itself, so
 * only the others are looked through token by token.
 */
function integrityBreak(
  reads: readonly Read[],
  longest: readonly Token[],
  agreed: readonly number[],
  register: Register,
): Break | null {
  const whole: Read = { ...nobody, list: longest };
  const clean = flawsOf(whole, register).length === 0;
  const saidBy = [0];
  for (const token of longest) {
    const begin = register.writes.get(token)?.begin ?? 0;
    saidBy.push(Math.max(begin, saidBy.at(-1) ?? 0));
  }
  return firstOf(reads, "L0", (read, place) => {
    const { length } = read.list;
    const waits = length > 0 && isMessage(read.list[length - 1] ?? "");
    const part = clean && agreed[place] === length && !waits;
    if (part && (saidBy[length] ?? 0) < read.end) return null;
    const flaw = flawsOf(read, register)[0];
    return flaw ? `${nameOf(read)}: ${flaw.because}` : null;
  });
}

const nobody: Read = {
  kind: "read",
  source: "state",
  turn: null,
  own: null,
  client: "",
  begin: Infinity,
  end: Infinity,
  list: [],
  replica: null,
  last: true,
};

/** The reads after everything is healed; where there are none, the one read that began last. */
export function lastReads(reads: readonly Read[]): Read[] {
  const last = reads.filter((read) => read.last);
  return last.length > 0 ? last : reads.slice(-1);
}

/**
 * A turn is lost if it was acknowledged and none of the last reads that began after that shows
 * it. One that some replica still shows is not lost: that is a fork, or stale.
 */
function lostTurn(operations: ThreadOperations, complete: readonly number[]): Break | null {
  const { reads, writes } = operations;
  const last = new Set(lastReads(reads));
  const shown = reads.flatMap((read, place) =>
    last.has(read) ? [{ read, tokens: new Set(read.list.slice(0, complete[place])) }] : [],
  );
  let first: Break | null = null;
  for (const write of writes) {
    if (write.outcome !== "ok") continue;
    const obliged = shown.filter(({ read }) => read.begin > write.end);
    if (obliged.length === 0 || obliged.some(({ tokens }) => tokens.has(write.token))) continue;
    const [seen] = obliged.toSorted((one, other) => one.read.end - other.read.end);
    if (!seen || (first && first.seq <= seen.read.end)) continue;
    const because = `${write.turn} was acknowledged, and ${nameOf(seen.read)} does not show it`;
    first = { level: "L1", seq: seen.read.end, because };
  }
  return first;
}

/** All operations with their ranks, in order of their begin. */
function ranked(
  { writes, reads }: ThreadOperations,
  longest: readonly Token[],
  complete: readonly number[],
  register: Register,
): Ranked[] {
  const blocks = [0]; // how many blocks of V begin in its first n tokens
  const places = new Map<Write, number>();
  for (const token of longest) {
    const count = blocks.at(-1) ?? 0;
    const write = isMessage(token) ? register.writes.get(token) : undefined;
    if (write) places.set(write, count);
    blocks.push(write ? count + 1 : count);
  }
  const operations: Ranked[] = [];
  let next = 0;
  const addWritesBefore = (begin: number) => {
    for (let write = writes[next]; write && write.begin < begin; write = writes[++next]) {
      const place = places.get(write);
      if (place === undefined && write.outcome !== "ok") continue;
      operations.push({ operation: write, rank: place === undefined ? Infinity : 2 * place + 1 });
    }
  };
  for (const [place, read] of reads.entries()) {
    addWritesBefore(read.begin);
    const own = read.source === "reply" && read.own ? register.writes.get(read.own) : undefined;
    const floor = own ? 2 * (places.get(own) ?? Infinity) + 1 : 0;
    operations.push({ operation: read, rank: 2 * (blocks[complete[place] ?? 0] ?? 0), floor });
  }
  addWritesBefore(Infinity);
  return operations;
}
