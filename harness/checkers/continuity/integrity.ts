/** The level `integrity`: what can be wrong within one list, whatever other lists show. */
import { isMessage } from "../../history/token.ts";
import type { Token } from "../../history/token.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";

export interface Flaw {
  readonly kind:
    | "unknown-token" // it does not occur in this run
    | "foreign-token" // it belongs to another thread
    | "refused-token" // its turn failed: nothing should have happened
    | "unsaid-token" // it is there before it was sent
    | "twice" // a token, or the reply to a turn, for the second time
    | "other-reply" // not the reply that was acknowledged
    | "torn" // a message without its reply, and then the next
    | "stray-reply"; // a reply that does not follow its message
  /** Index of the token that shows it; the list's length if the next message shows it. */
  readonly index: number;
  /** The turn that is corrupt; null if the token belongs to no turn. */
  readonly turn: string | null;
  /** The other turn that did it; null: none. */
  readonly by: string | null;
  readonly because: string;
}

/** The turns of a thread, to judge its lists by. */
export interface Register {
  readonly thread: string;
  readonly writes: ReadonlyMap<Token, Write>;
  readonly owners: Owners;
  /** Lists are windows: the first block may have lost its message. */
  readonly windowed: boolean;
}

export function registerOf(
  operations: ThreadOperations,
  owners: Owners,
  windowed = false,
): Register {
  const writes = new Map<Token, Write>();
  for (const write of operations.writes) writes.set(write.token, write);
  return { thread: operations.thread, writes, owners, windowed };
}

/**
 * How many tokens of a list are complete blocks: a message at the end without its reply is in
 * flight, and says nothing yet.
 */
export function completeLength(list: readonly Token[], register: Register): number {
  const last = list.at(-1);
  if (last === undefined || !isMessage(last)) return list.length;
  return register.writes.get(last)?.silent ? list.length : list.length - 1;
}

/** All flaws of one list, in order of the token that shows them. */
export function flawsOf(read: Read, register: Register): Flaw[] {
  const flaws: Flaw[] = [];
  const seen = new Set<Token>();
  let open: Write | undefined; // the last message, if it has no reply yet
  let closed: Write | undefined; // the last turn with a reply, or a doubled one
  for (const [index, token] of read.list.entries()) {
    const flaw = strangeness(token, index, read, register);
    const owner = register.owners.get(token);
    const write = flaw ? undefined : register.writes.get(token);
    if (seen.has(token)) {
      flaws.push(twice(index, owner?.turn ?? null, token));
      if (isMessage(token) && open && open !== write) tear(flaws, index, open, write);
      // The reply that follows belongs to the second copy: it is not a stray one.
      [open, closed] = [undefined, write];
    } else if (isMessage(token)) {
      if (open) tear(flaws, index, open, write);
      open = write;
      closed = undefined;
    } else if (!flaw && owner) {
      if (open?.turn === owner.turn) {
        const other = otherReply(token, index, open);
        if (other) flaws.push(other);
        [open, closed] = [undefined, open];
      } else if (closed?.turn === owner.turn) {
        flaws.push(twice(index, owner.turn, token));
      } else if (!(register.windowed && index === 0)) {
        flaws.push(stray(index, owner.turn, open ?? closed));
      }
    }
    if (flaw) flaws.push(flaw);
    seen.add(token);
  }
  // In a prompt the turn's own message follows, so a message without a reply at the end is torn.
  if (open && read.source === "model" && open.turn !== read.turn && !inFlight(open, read.end)) {
    tear(flaws, read.list.length, open, undefined, read.turn);
  }
  return flaws;
}

/** Whether an attempt of the turn was under way. */
function inFlight(write: Write, seq: number): boolean {
  return write.attempts.some(({ begin, end }) => begin < seq && seq < end);
}

function strangeness(token: Token, index: number, read: Read, register: Register): Flaw | null {
  const { thread } = register;
  const owner = register.owners.get(token);
  const turn = owner?.turn ?? null;
  const about = { index, turn, by: null };
  if (!owner) {
    return { kind: "unknown-token", ...about, because: `${token} was never sent in this run` };
  }
  if (owner.thread !== thread) {
    const because = `${token} of thread ${owner.thread} is in thread ${thread}`;
    return { kind: "foreign-token", ...about, because };
  }
  if (!isMessage(token)) return null;
  const write = register.writes.get(token);
  if (write?.outcome === "failed") {
    const because = `${turn} was refused, and its message is in the list all the same`;
    return { kind: "refused-token", ...about, because };
  }
  if (write && write.begin > read.end) {
    const because = `the message of ${turn} was there before it was sent`;
    return { kind: "unsaid-token", ...about, because };
  }
  return null;
}

function twice(index: number, turn: string | null, token: Token): Flaw {
  const what = isMessage(token) ? "the message" : "a reply";
  const because = `${what} of ${turn ?? "no turn"} is in the list for the second time`;
  return { kind: "twice", index, turn, by: null, because };
}

function otherReply(token: Token, index: number, write: Write): Flaw | null {
  if (write.acknowledged.length === 0 || write.acknowledged.includes(token)) return null;
  const because = `the reply of ${write.turn} in the list is not the one that was acknowledged`;
  return { kind: "other-reply", index, turn: write.turn, by: null, because };
}

function stray(index: number, turn: string, before: Write | undefined): Flaw {
  const because = `the reply of ${turn} does not follow its message`;
  return { kind: "stray-reply", index, turn, by: before?.turn ?? null, because };
}

function tear(
  flaws: Flaw[],
  index: number,
  torn: Write,
  next: Write | undefined,
  by = next?.turn ?? null,
): void {
  if (torn.silent || torn.interrupted) return;
  const because = `${torn.turn} has no reply in the list, and ${by ?? "another turn"} follows`;
  flaws.push({ kind: "torn", index, turn: torn.turn, by, because });
}
