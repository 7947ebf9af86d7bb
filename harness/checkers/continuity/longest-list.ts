/**
 * The spine of a thread: V, the longest list of complete blocks that was observed, and how each
 * list lies along it. Everything that the levels ask of a list is answered here in one comparison.
 */
import type { ThreadOperations } from "./operation.ts";

export interface Spine {
  /** No flaw was found in it at first sight; false where it takes a closer look. */
  readonly clean: boolean;
  /** Of each write: the place of its block in the spine, from 0; -1 where it is not there. */
  readonly places: Int32Array;
  /** How many blocks begin in its first n tokens. */
  readonly blocks: Int32Array;
  /** When the last message among its first n tokens was said. */
  readonly saidBy: Float64Array;
  /** Of each read: how many of its tokens are complete blocks. */
  readonly complete: Int32Array;
  /** Of each read: how many tokens it has in common with the spine, from the start. */
  readonly agreed: Int32Array;
}

export function spineOf(operations: ThreadOperations): Spine {
  const { writes } = operations;
  const { lists, answers, complete } = operations.numbered;
  const longest = longestOf(complete);
  const spine = lists[longest]?.subarray(0, complete[longest]) ?? new Int32Array();
  const agreed = agreedOf(operations, spine);
  const places = new Int32Array(writes.length).fill(-1);
  const blocks = new Int32Array(spine.length + 1);
  const saidBy = new Float64Array(spine.length + 1);
  let clean = true;
  let open = -1; // the write whose reply comes next
  let count = 0;
  let latest = 0;
  for (let index = 0; index < spine.length; index++) {
    const number = spine[index] ?? -1;
    if (open >= 0 && answers[number] === open) {
      open = -1;
    } else {
      const write = number < writes.length ? writes[number] : undefined;
      const before = open >= 0 ? writes[open] : undefined;
      if (!write || write.outcome === "failed" || (places[number] ?? 0) >= 0) clean = false;
      if (before && !before.silent && !before.interrupted) clean = false;
      if (write) {
        places[number] = count++;
        latest = Math.max(latest, write.begin);
      }
      open = write ? number : -1;
    }
    blocks[index + 1] = count;
    saidBy[index + 1] = latest;
  }
  return { clean, places, blocks, saidBy, complete, agreed };
}

/** Which read shows most complete blocks. */
function longestOf(complete: Int32Array): number {
  let longest = 0;
  for (let place = 1; place < complete.length; place++) {
    if ((complete[place] ?? 0) > (complete[longest] ?? 0)) longest = place;
  }
  return longest;
}

/** Nearly always known from the numbering: a list that grows goes on where it ended. */
function agreedOf({ numbered }: ThreadOperations, spine: Int32Array): Int32Array {
  const { lists, longest, shared } = numbered;
  const onSpine = sharedLength(lists[longest] ?? spine, spine) === spine.length;
  if (shared && onSpine) return shared.map((length) => Math.min(length, spine.length));
  return Int32Array.from(lists, (list) => sharedLength(list, spine));
}

function sharedLength(list: Int32Array, spine: Int32Array): number {
  const limit = Math.min(list.length, spine.length);
  let length = 0;
  while (length < limit && list[length] === spine[length]) length++;
  return length;
}
