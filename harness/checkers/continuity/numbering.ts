/**
 * Tokens as numbers. A list is compared with others again and again, its text only once: here. Most
 * lists go on where the longest before them ended, so most tokens are found by looking there first.
 */
import type { Token } from "../../history/history.ts";
import { isMessage } from "./integrity.ts";
import type { Read, Write } from "./operations.ts";

export interface Numbered {
  /** The list of each read. The message of `writes[i]` has the number i. */
  readonly lists: readonly Int32Array[];
  /** By the number of a reply: which of the writes it may stand for in a list; -1 for none. */
  readonly answers: Int32Array;
  /** Of each read: which of the writes is its own turn; -1 for a read of the state. */
  readonly own: Int32Array;
  /**
   * Of each read: how much of its list is complete blocks. A message at its end that still waits
   * for its reply is in flight, and says nothing yet.
   */
  readonly complete: Int32Array;
  /** Which read shows the longest list; -1 without any. */
  readonly longest: number;
  /**
   * Of each read: how many tokens it has in common with that list, from the start. Null where a
   * longer list did not go on from the longest before it: then nothing is known without a look.
   */
  readonly shared: Int32Array | null;
}

export function numbered(writes: readonly Write[], reads: readonly Read[]): Numbered {
  const numbers = new Map<Token, number>();
  const answers: number[] = [];
  const numberOf = (token: Token, answersTo: number) => {
    const known = numbers.get(token);
    if (known !== undefined) return known;
    numbers.set(token, answers.length);
    return answers.push(answersTo) - 1;
  };
  for (const { token } of writes) numberOf(token, -1);
  for (const [place, { replies, acknowledged }] of writes.entries()) {
    for (const reply of replies) {
      const stands = acknowledged.length === 0 || acknowledged.includes(reply);
      numberOf(reply, stands ? place : -1);
    }
  }
  let longest = -1;
  let tokens: readonly Token[] = [];
  let straight = true;
  const shared = new Int32Array(reads.length);
  const lists: Int32Array[] = [];
  const complete = new Int32Array(reads.length);
  for (const [place, { list }] of reads.entries()) {
    const found = new Int32Array(list.length);
    const limit = Math.min(tokens.length, list.length);
    let same = 0;
    while (same < limit && list[same] === tokens[same]) same++;
    if (same > 0) found.set(lists[longest]?.subarray(0, same) ?? []);
    for (let next = same; next < list.length; next++) {
      found[next] = numberOf(list[next] ?? "", -1);
    }
    lists.push(found);
    const last = list.at(-1);
    const silent = writes[found.at(-1) ?? writes.length]?.silent ?? false;
    const waits = last !== undefined && isMessage(last) && !silent;
    complete[place] = waits ? list.length - 1 : list.length;
    shared[place] = same;
    if (longest >= 0 && list.length <= tokens.length) continue;
    straight &&= same === tokens.length;
    shared[place] = list.length;
    [longest, tokens] = [place, list];
  }
  const own = new Int32Array(reads.length);
  for (const [place, read] of reads.entries()) {
    own[place] = read.own === null ? -1 : (numbers.get(read.own) ?? -1);
  }
  const known = straight ? shared : null;
  return { lists, answers: Int32Array.from(answers), own, complete, longest, shared: known };
}
