/**
 * Tokens as numbers. A list is compared with others again and again, its text only once: here. Most
 * lists go on where the longest before them ended, so most tokens are found by looking there first.
 */
import type { Token } from "../../history.ts";
import type { Read, Write } from "./operations.ts";

export interface Numbered {
  /** The list of each read. The message of `writes[i]` has the number i. */
  readonly lists: readonly Int32Array[];
  /** By the number of a reply: which of the writes it answers; -1 for none. */
  readonly answers: Int32Array;
  /** Of each read: which of the writes is its own turn; -1 for a read of the state. */
  readonly own: Int32Array;
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
  for (const [place, { replies }] of writes.entries()) {
    for (const reply of replies) numberOf(reply, place);
  }
  let tokens: readonly Token[] = [];
  let longest = new Int32Array();
  const lists = reads.map(({ list }) => {
    const found = new Int32Array(list.length);
    const shared = Math.min(tokens.length, list.length);
    let place = 0;
    while (place < shared && list[place] === tokens[place]) place++;
    found.set(longest.subarray(0, place));
    for (; place < list.length; place++) found[place] = numberOf(list[place] ?? "", -1);
    if (list.length > tokens.length) [tokens, longest] = [list, found];
    return found;
  });
  const own = new Int32Array(reads.length);
  for (const [place, read] of reads.entries()) {
    own[place] = read.own === null ? -1 : (numbers.get(read.own) ?? -1);
  }
  return { lists, answers: Int32Array.from(answers), own };
}
