/** Corrupts the lists of a history: deletes, swaps and inserts tokens, or replaces whole lists. */
import fc from "fast-check";
import type { Entry, History } from "../../harness/history/history.ts";
import type { Token } from "../../harness/history/token.ts";
import { a, q } from "./shorthand.ts";

/** True in `percent` of all cases; shrinks to false. */
export const sometimes = (percent: number): fc.Arbitrary<boolean> =>
  fc.nat({ max: 99 }).map((it) => it >= 100 - percent);

const position = fc.nat({ max: 59 });

/** Positions count modulo the number of elements. */
export const corruption = fc.record({
  list: position,
  other: position,
  block: position,
  token: position,
  inserted: fc
    .tuple(fc.constantFrom(q, a), fc.constantFrom(1, 2, 3, 99, 77))
    .map(([token, turn]) => token(turn)),
  inMiddle: sometimes(30),
  kind: fc.constantFrom(
    "delete the end", // a stale read
    "delete a block",
    "delete a token",
    "delete the end",
    "swap blocks",
    "swap tokens",
    "insert a token",
    "insert a block",
    "take another list", // stale, or from the future
  ),
  /** The same change in every list, so that the lists still agree. */
  everywhere: fc.oneof(
    { weight: 6, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom("delete a turn" as const, "exchange turns" as const) },
  ),
});

type Corruption = typeof corruption extends fc.Arbitrary<infer T> ? T : never;

/** The same history with each corruption applied. */
export function corrupted(history: History, corruptions: readonly Corruption[]): History {
  let { entries } = history;
  for (const each of corruptions) {
    const places = entries.flatMap((entry, place) => (listOf(entry) ? [place] : []));
    if (places.length === 0) break;
    const placeOf = (choice: number) => places[choice % places.length] ?? 0;
    const place = placeOf(each.list);
    const other = entries[placeOf(each.other)];
    const others = (other && listOf(other)) ?? [];
    const everywhere = each.everywhere === null ? null : everyList(others, each.everywhere);
    entries = entries.map((entry, index) => {
      const list = listOf(entry);
      if (!list) return entry;
      if (everywhere) return withList(entry, everywhere(list));
      return index === place ? withList(entry, corruptList(list, others, each)) : entry;
    });
  }
  return { ...history, entries };
}

/** The history without the model calls of acknowledged turns, as if there were no model wire. */
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

/** Deletes the first turn of a list from all of them, or exchanges its first two turns. */
function everyList(list: readonly Token[], kind: NonNullable<Corruption["everywhere"]>) {
  const [first, reply, second, another] = list;
  if (first === undefined || kind === "delete a turn") {
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

function corruptList(
  list: readonly Token[],
  others: readonly Token[],
  { kind, block, token, inserted, inMiddle }: Corruption,
): Token[] {
  const start = 2 * (block % Math.max(1, Math.floor(list.length / 2)));
  const place = token % (list.length + 1);
  switch (kind) {
    case "delete a block":
      return list.toSpliced(start, 2);
    case "delete the end":
      return list.slice(0, start);
    case "delete a token":
      return list.toSpliced(place, 1);
    case "swap blocks":
      return [
        ...list.slice(0, start),
        ...list.slice(start + 2, start + 4),
        ...list.slice(start, start + 2),
        ...list.slice(start + 4),
      ];
    case "swap tokens":
      return list.toSpliced(place, 2, ...list.slice(place, place + 2).reverse());
    case "insert a token":
      return list.toSpliced(place, 0, inserted);
    case "insert a block":
      return list.toSpliced(inMiddle ? start : list.length, 0, ...others.slice(0, 2));
    case "take another list":
      return [...others];
  }
}
