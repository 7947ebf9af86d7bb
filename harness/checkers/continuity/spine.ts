/**
 * The spine of a thread: V, the longest list of complete blocks that was observed, and how each
 * list lies along it. Everything that the levels ask of a list is answered here in one comparison.
 */
import type { Token } from "../../history.ts";
import { completeLength } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import type { Read, Write } from "./operations.ts";

export interface Spine {
  readonly tokens: readonly Token[];
  /** No flaw was found in it at first sight; false where it takes a closer look. */
  readonly clean: boolean;
  /** The place of each write whose block is in it, from 0. */
  readonly places: ReadonlyMap<Write, number>;
  /** How many blocks begin in its first n tokens. */
  readonly blocks: readonly number[];
  /** When the last message among its first n tokens was said. */
  readonly saidBy: readonly number[];
  /** Of each read: how many of its tokens are complete blocks. */
  readonly complete: readonly number[];
  /** Of each read: how many tokens it has in common with the spine, from the start. */
  readonly agreed: readonly number[];
}

export function spineOf(reads: readonly Read[], register: Register): Spine {
  const complete = reads.map(({ list }) => completeLength(list, register));
  const tokens = longestOf(reads, complete);
  const agreed = reads.map(({ list }) => sharedLength(list, tokens));
  const places = new Map<Write, number>();
  const blocks = [0];
  const saidBy = [0];
  let clean = true;
  let open: Write | undefined;
  let count = 0;
  let latest = 0;
  for (const token of tokens) {
    if (open?.replies.includes(token)) {
      if (open.acknowledged.length > 0 && !open.acknowledged.includes(token)) clean = false;
      open = undefined;
    } else {
      const write = register.writes.get(token);
      if (!write || write.outcome === "failed" || places.has(write)) clean = false;
      if (open && !open.silent && !open.interrupted) clean = false;
      if (write) {
        places.set(write, count++);
        latest = Math.max(latest, write.begin);
      }
      open = write;
    }
    blocks.push(count);
    saidBy.push(latest);
  }
  return { tokens, clean, places, blocks, saidBy, complete, agreed };
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

function sharedLength(list: readonly Token[], spine: readonly Token[]): number {
  const limit = Math.min(list.length, spine.length);
  let length = 0;
  while (length < limit && list[length] === spine[length]) length++;
  return length;
}
