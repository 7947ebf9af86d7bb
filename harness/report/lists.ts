/**
 * What two observers saw, turn by turn, so that the eye finds where they part.
 */
import type { Token } from "../history/token.ts";
import type { Diagnosis } from "../checkers/verdict.ts";
import { moment } from "./phrases.ts";
import { readable } from "./turn-names.ts";
import { isMessage } from "../history/token.ts";
import type { TurnNames } from "./turn-names.ts";

/** More items than this hide the place where the lists part. */
const itemsShown = 10;
const itemsBefore = 4;

export interface ComparedList {
  /** The replica that served it. */
  readonly who: string;
  /** When it was seen, and what it was. */
  readonly what: string;
  /** Of the same width in every list; an ellipsis stands for what is not shown. */
  readonly items: readonly string[];
}

export interface Comparison {
  readonly lists: readonly ComparedList[];
  /** Index into `items` where the lists part, or a turn is repeated; null: they agree. */
  readonly parting: number | null;
  /** What to say there. */
  readonly note: string;
  /** What happened between the lists. */
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
      who: list.replica ?? "nobody",
      what: `${moment(list.at)}, ${readable(list.label, names)}`,
      items: shown[i] ?? [],
    })),
    parting: parting === null ? null : parting - start + (start > 0 ? 1 : 0),
    note: lists.length === 1 ? "a second time" : "here they part",
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

/** Pads column by column. "nothing" is a remark, not an item, and must not widen its column. */
function aligned(all: readonly string[][]): string[][] {
  const widths: number[] = [];
  for (const items of all) {
    if (items[0] === "nothing") continue;
    for (const [i, item] of items.entries()) widths[i] = Math.max(widths[i] ?? 0, item.length);
  }
  return all.map((items) => items.map((item, i) => item.padStart(widths[i] ?? 0)));
}
