/** Aligns the lists of several observers turn by turn, and finds where they differ. */
import type { Token } from "../history/token.ts";
import type { Diagnosis } from "../checkers/verdict.ts";
import { moment } from "./phrases.ts";
import { readable } from "./turn-names.ts";
import { isMessage } from "../history/token.ts";
import type { TurnNames } from "./turn-names.ts";

/** With more items than this, the place where the lists differ is hard to find. */
const itemsShown = 10;
const itemsBefore = 4;

export interface ComparedList {
  /** The replica that served it. */
  readonly who: string;
  /** Its time, and its kind. */
  readonly what: string;
  /** The items of a column have equal widths; an ellipsis replaces hidden items. */
  readonly items: readonly string[];
}

export interface Comparison {
  readonly lists: readonly ComparedList[];
  /** The index in `items` at which the lists differ, or a turn is repeated; null: they agree. */
  readonly parting: number | null;
  /** The label of that place. */
  readonly note: string;
  /** The faults between the lists. */
  readonly faults: readonly string[];
}

/**
 * A whole turn is its number; "q3" is a message without its reply, "a3" a reply without its
 * message, "3b" a turn with a second, different reply.
 */
export function compare(diagnosis: Diagnosis, names: TurnNames): Comparison | null {
  const lists = (diagnosis.lists ?? []).slice(0, 4);
  if (lists.length === 0) return null;
  const all = lists.map((list) => itemsOf(list.tokens, names));
  const parting = lists.length === 1 ? repetition(all[0] ?? []) : fork(all);
  const longest = Math.max(...all.map((items) => items.length));
  const start = Math.max(0, Math.min((parting ?? longest) - itemsBefore, longest - itemsShown));
  const shown = aligned(all.map((items) => windowOf(items, start)));
  return {
    lists: lists.map((list, i) => ({
      who: list.replica ?? "unknown",
      what: `${moment(list.at)}, ${readable(list.label, names)}`,
      items: shown[i] ?? [],
    })),
    parting: parting === null ? null : parting - start + (start > 0 ? 1 : 0),
    note: lists.length === 1 ? "repeated here" : "the lists differ here",
    faults: diagnosis.faults ?? [],
  };
}

function itemsOf(tokens: readonly Token[], names: TurnNames): string[] {
  const items: string[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const [token = "", next = ""] = tokens.slice(i, i + 2);
    const { turn = 0, reply = "" } = names.get(token) ?? {};
    const following = names.get(next);
    if (isMessage(token) && !isMessage(next) && following?.turn === turn) {
      items.push(`${turn}${following.reply}`);
      i += 1;
    } else items.push(`${isMessage(token) ? "q" : "a"}${turn}${reply}`);
  }
  return items;
}

function fork(all: readonly (readonly string[])[]): number | null {
  const longest = Math.max(...all.map((items) => items.length));
  for (let i = 0; i < longest; i += 1) {
    if (all.some((items) => items[i] !== all[0]?.[i])) return i;
  }
  return null;
}

function repetition(items: readonly string[]): number | null {
  const at = items.findIndex((item, i) => items.slice(0, i).some((seen) => seen === item));
  return at === -1 ? null : at;
}

function windowOf(items: readonly string[], start: number): string[] {
  const shown = items.slice(start, start + itemsShown);
  if (start > 0) shown.unshift("…");
  if (items.length > start + itemsShown) shown.push("…");
  return items.length === 0 ? ["nothing"] : shown;
}

/** Pads each column. "nothing" is a remark, not an item, so it must not widen its column. */
function aligned(all: readonly string[][]): string[][] {
  const widths: number[] = [];
  for (const items of all) {
    if (items[0] === "nothing") continue;
    for (const [i, item] of items.entries()) widths[i] = Math.max(widths[i] ?? 0, item.length);
  }
  return all.map((items) => items.map((item, i) => item.padStart(widths[i] ?? 0)));
}
