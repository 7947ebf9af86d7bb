/**
 * The levels that are about order, in one scan over the operations in order of time. The question
 * is always the same: is the rank of an operation at least the highest rank (the floor) of those
 * that had completed when it began? The levels differ in which operations count for the floor.
 */
import type { Level } from "../../history/level.ts";
import type { Break } from "../verdict.ts";
import type { Read, Write } from "./operation.ts";

export interface Ranked {
  readonly operation: Read | Write;
  /** 2p+1 for the write of block p, 2l for a read of l blocks, Infinity for a write not shown. */
  readonly rank: number;
  /** The least rank that it must have whatever completed before: a reply shows its own block. */
  readonly owed: number;
}

/** The operations of the highest rank that one client has completed so far. */
interface Session {
  read: Ranked | undefined;
  write: Ranked | undefined;
}

const orders = [
  "monotonic-reads",
  "read-your-writes",
  "sequential",
  "linearizable",
] as const satisfies readonly Level[];
type Order = (typeof orders)[number];

/** The first break of each of these levels that is broken. */
export function scan(operations: readonly Ranked[]): Break[] {
  const ended = inOrderOfEnd(operations);
  const sessions = new Map<string, Session>();
  const breaks = new Map<Order, { ranked: Ranked; floor: Ranked }>();
  let highest: Ranked | undefined;
  let next = 0;
  for (const ranked of operations) {
    const { begin, client, kind } = ranked.operation;
    for (let done = ended[next]; done && done.operation.end < begin; done = ended[++next]) {
      highest = higher(highest, done);
      complete(sessions, done);
    }
    if (ranked.rank < ranked.owed) note(breaks, "read-your-writes", ranked, ranked);
    if (!highest || ranked.rank >= highest.rank) continue;
    // The floor of all clients is at least that of one client, so the other levels hold as well.
    note(breaks, "linearizable", ranked, highest);
    const session = sessions.get(client);
    if (!session) continue;
    const { read, write } = session;
    if (kind === "read" && read && ranked.rank < read.rank)
      note(breaks, "monotonic-reads", ranked, read);
    if (kind === "read" && write && ranked.rank < write.rank)
      note(breaks, "read-your-writes", ranked, write);
    const own = read && write ? higher(read, write) : (read ?? write);
    if (own && ranked.rank < own.rank) note(breaks, "sequential", ranked, own);
  }
  return orders.flatMap((level) => {
    const found = breaks.get(level);
    return found ? [{ level, seq: seqOf(found.ranked), because: sentence(level, found) }] : [];
  });
}

/** The operations that have an end. They are nearly in order, so that sorting them is linear. */
function inOrderOfEnd(operations: readonly Ranked[]): Ranked[] {
  const ended: Ranked[] = [];
  let ordered = true;
  let latest = 0;
  for (const ranked of operations) {
    const { end } = ranked.operation;
    if (end === Infinity) continue;
    if (end < latest) ordered = false;
    latest = end;
    ended.push(ranked);
  }
  if (!ordered) ended.sort((one, other) => one.operation.end - other.operation.end);
  return ended;
}

function complete(sessions: Map<string, Session>, done: Ranked): void {
  const { client, kind } = done.operation;
  let session = sessions.get(client);
  if (!session) sessions.set(client, (session = { read: undefined, write: undefined }));
  session[kind] = higher(session[kind], done);
}

function higher(one: Ranked | undefined, other: Ranked): Ranked {
  return one && one.rank >= other.rank ? one : other;
}

function note(
  breaks: Map<Order, { ranked: Ranked; floor: Ranked }>,
  level: Order,
  ranked: Ranked,
  floor: Ranked,
): void {
  const before = breaks.get(level);
  if (!before || seqOf(ranked) < seqOf(before.ranked)) breaks.set(level, { ranked, floor });
}

/** The entry that shows the operation: its end, or its begin if it has no end. */
function seqOf({ operation }: Ranked): number {
  return operation.end === Infinity ? operation.begin : operation.end;
}

function sentence(level: Level, { ranked, floor }: { ranked: Ranked; floor: Ranked }): string {
  const { operation } = ranked;
  if (ranked === floor) return `the reply of ${named(ranked)} does not show its own turn`;
  const { client } = operation;
  const before = `${named(floor)} had completed`;
  if (operation.kind === "write") {
    return `${named(ranked)} began after ${before}, and took a place before it`;
  }
  const shown = `a read by ${client} shows ${Math.floor(ranked.rank / 2)} turns after ${before}`;
  if (level === "monotonic-reads") return `${client} sees less than before: ${shown}`;
  if (level === "read-your-writes")
    return `${client} does not see a turn that was acknowledged to it: ${shown}`;
  return shown;
}

function named({ operation, rank }: Ranked): string {
  if (operation.kind === "write") return operation.turn;
  return operation.turn ?? `a read of ${rank / 2} turns by ${operation.client}`;
}
