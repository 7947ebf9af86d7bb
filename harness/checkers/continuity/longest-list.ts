/**
 * V, the longest list of complete blocks that was observed of a thread, and how each list lies
 * along it. One comparison answers every question that the levels ask about a list.
 */
import type { ThreadOperations } from "./operation.ts";

export interface LongestList {
  /** It looks flawless at first sight; false: it must be examined token by token. */
  readonly clean: boolean;
  /** Per write: the place of its block in V, from 0; -1: it is not there. */
  readonly places: Int32Array;
  /** How many blocks begin in the first n tokens of V. */
  readonly blocks: Int32Array;
  /** When the last message among the first n tokens of V was sent. */
  readonly saidBy: Float64Array;
  /** Per read: how many of its tokens are complete blocks. */
  readonly complete: Int32Array;
  /** Per read: how many tokens it has in common with V, from the start. */
  readonly agreed: Int32Array;
}

export function longestListOf(operations: ThreadOperations): LongestList {
  const { writes } = operations;
  const { lists, answers, complete } = operations.numbered;
  const place = placeOfLongest(complete);
  const longest = lists[place]?.subarray(0, complete[place]) ?? new Int32Array();
  const agreed = agreedOf(operations, longest);
  const places = new Int32Array(writes.length).fill(-1);
  const blocks = new Int32Array(longest.length + 1);
  const saidBy = new Float64Array(longest.length + 1);
  let clean = true;
  let open = -1; // the write whose reply comes next
  let count = 0;
  let latest = 0;
  for (let index = 0; index < longest.length; index++) {
    const number = longest[index] ?? -1;
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

/** The place of the read that shows most complete blocks. */
function placeOfLongest(complete: Int32Array): number {
  let longest = 0;
  for (let place = 1; place < complete.length; place++) {
    if ((complete[place] ?? 0) > (complete[longest] ?? 0)) longest = place;
  }
  return longest;
}

/** Nearly always known from the numbering: a list that grows continues the one before it. */
function agreedOf({ numbered }: ThreadOperations, longest: Int32Array): Int32Array {
  const { lists, shared } = numbered;
  const known = lists[numbered.longest] ?? longest;
  if (shared && sharedLength(known, longest) === longest.length) {
    return shared.map((length) => Math.min(length, longest.length));
  }
  return Int32Array.from(lists, (list) => sharedLength(list, longest));
}

function sharedLength(list: Int32Array, longest: Int32Array): number {
  const limit = Math.min(list.length, longest.length);
  let length = 0;
  while (length < limit && list[length] === longest[length]) length++;
  return length;
}
