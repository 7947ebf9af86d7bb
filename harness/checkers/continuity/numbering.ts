/**
 * Tokens as numbers: lists are compared many times, so their texts are compared only once, here.
 * Most lists continue the longest one before them, so that one is the first place to look for a
 * token.
 */
import type { Token } from "../../history/token.ts";
import { isMessage } from "../../history/token.ts";
import type { Numbered, Read, Write } from "./operation.ts";

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
