/** Damages a history: lists with deletions, swaps and insertions, or taken for others. */
import type { Entry, History } from "../../harness/history/history.ts";
import type { Token } from "../../harness/history/token.ts";
import { a, q } from "./shorthand.ts";
import type { Random } from "./seeded-choice.ts";

/** The same history with up to three of its lists damaged; often with none. */
export function damaged(history: History, random: Random): History {
  let { entries } = history;
  const times = random.chance(0.5) ? 0 : 1 + random.below(3);
  for (let time = 0; time < times; time++) {
    const shown = entries.flatMap((entry, place) => (listOf(entry) ? [place] : []));
    if (shown.length === 0) break;
    const place = shown[random.below(shown.length)];
    const other = entries[shown[random.below(shown.length)] ?? 0];
    const others = (other && listOf(other)) ?? [];
    const everywhere = random.chance(0.25) ? everyList(others, random) : null;
    entries = entries.map((entry, index) => {
      const list = listOf(entry);
      if (!list) return entry;
      if (everywhere) return withList(entry, everywhere(list));
      return index === place ? withList(entry, damage(list, others, random)) : entry;
    });
  }
  return { ...history, entries };
}

/** The same without the model calls of acknowledged turns, as if the model were not ours. */
export function withoutCalls(entries: readonly Entry[]): Entry[] {
  const oks = new Set(
    entries.flatMap((each) =>
      each.kind === "attempt.end" && each.outcome.kind === "ok" ? [each.attempt] : [],
    ),
  );
  const turns = new Set(
    entries.flatMap((each) =>
      each.kind === "attempt.begin" && oks.has(each.attempt) ? [each.turn] : [],
    ),
  );
  const calls = new Set(
    entries.flatMap((each) =>
      each.kind === "model.call" && each.turn !== null && turns.has(each.turn) ? [each.call] : [],
    ),
  );
  const isCall = (each: Entry) => each.kind === "model.call" || each.kind === "model.answer";
  return entries.filter((each) => !(isCall(each) && "call" in each && calls.has(each.call)));
}

function listOf(entry: Entry): readonly Token[] | null {
  return "list" in entry ? entry.list : null;
}

function withList(entry: Entry, list: readonly Token[]): Entry {
  return "list" in entry ? { ...entry, list } : entry;
}

/** Damage that no list contradicts: a turn gone from all of them, or two that changed places. */
function everyList(list: readonly Token[], random: Random) {
  const [first, reply, second, another] = list;
  if (first === undefined || random.chance(0.5)) {
    return (each: readonly Token[]) => each.filter((token) => token !== first && token !== reply);
  }
  const exchanged = new Map([
    [first, second ?? first],
    [second, first],
    [reply, another ?? reply],
    [another, reply],
  ]);
  return (each: readonly Token[]) => each.map((token) => exchanged.get(token) ?? token);
}

function damage(list: readonly Token[], others: readonly Token[], random: Random): Token[] {
  const blocks = Math.floor(list.length / 2);
  const block = 2 * random.below(Math.max(1, blocks));
  const place = random.below(list.length + 1);
  switch (random.below(9)) {
    case 0: // a block is deleted
      return list.toSpliced(block, 2);
    case 1: // the end is deleted: a read from the past
    case 2:
      return list.slice(0, block);
    case 3: // one token is deleted
      return list.toSpliced(place, 1);
    case 4: // two blocks are swapped
      return [
        ...list.slice(0, block),
        ...list.slice(block + 2, block + 4),
        ...list.slice(block, block + 2),
        ...list.slice(block + 4),
      ];
    case 5: // two tokens are swapped
      return list.toSpliced(place, 2, ...list.slice(place, place + 2).reverse());
    case 6: // something is inserted that may be anybody's
      return list.toSpliced(place, 0, random.pick([q, a])(random.pick([1, 2, 3, 99, 77])));
    case 7: // a block is inserted at its end, or in its middle
      return list.toSpliced(random.chance(0.7) ? list.length : block, 0, ...others.slice(0, 2));
    default: // another's list: stale, or from the future
      return [...others];
  }
}
