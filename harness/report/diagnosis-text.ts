/** One cause for the terminal: its sentence, the lists side by side, and the remedy. */
import { tokenPattern } from "../history/token.ts";
import type { Diagnosis } from "../checkers/verdict.ts";
import { evidenceLines } from "./evidence.ts";
import type { EvidenceLine } from "./evidence.ts";
import { cut, wrap } from "./style.ts";
import type { Style } from "./style.ts";
import { compare } from "./lists.ts";
import type { ComparedList, Comparison } from "./lists.ts";
import { experimentsPhrase, ladderPhrase } from "./phrases.ts";
import type { Result } from "./result.ts";
import { nameTurns, readable } from "./turn-names.ts";
import type { TurnNames } from "./turn-names.ts";

const evidenceShown = 4;

/** Explains how to read the lists. */
export function causeKey(columns: number, style: Style): string[] {
  const text =
    "A list shows what a replica remembered of one conversation, by turn: 3 is turn 3 and its " +
    "reply, q3 a message without a reply, a3 a reply alone, 3b a second reply.";
  return wrap(text, columns - 3).map((line) => `   ${style("dim", line)}`);
}

/** `leading`: the result's evidence belongs to this cause, and replaces missing lists. */
export function causeLines(
  result: Result,
  diagnosis: Diagnosis,
  leading: boolean,
  columns: number,
  style: Style,
): string[] {
  const evidence = leading ? evidenceLines(result) : [];
  const names = nameTurns(
    diagnosis,
    evidence.map((line) => line.text),
  );
  const comparison = compare(diagnosis, names);
  const remarks = leading ? [ladderPhrase(result.ladder), experimentsPhrase(result)] : [];
  const facts = remarks.filter((remark) => remark !== null).join(" · ");
  const [first = "", ...more] = wrap(readable(diagnosis.remedy, names), columns - 6);
  return [
    ...wrap(because(diagnosis, names), columns - 4).map((line) => `   ${line}`),
    ...(comparison
      ? listLines(comparison, columns, style)
      : shortened(evidence, names, columns).map((line) => style("dim", line))),
    ...(facts === "" ? [] : [`   ${style("dim", facts)}`]),
    `   ${style("green", "→")} ${first}`,
    ...more.map((line) => `     ${line}`),
  ];
}

/** Capitalizes a sentence that begins with a token, but not one that begins with a replica. */
function because(diagnosis: Diagnosis, names: TurnNames): string {
  const text = readable(diagnosis.because, names);
  const begins = diagnosis.because.search(tokenPattern) === 0;
  return begins ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
}

/** The first few lines of the evidence; result.json has the rest. */
function shortened(evidence: readonly EvidenceLine[], names: TurnNames, columns: number): string[] {
  const shown = evidence.slice(0, evidenceShown);
  const width = Math.max(0, ...shown.map((line) => line.at.length));
  const lines = shown.map(({ at, text }) => `     ${at.padStart(width)}  ${readable(text, names)}`);
  const hidden = evidence.length - shown.length;
  if (hidden > 0) lines.push(`     ${"…".padStart(width)}  ${hidden} more in result.json`);
  return lines.map((line) => cut(line, columns - 1));
}

function listLines(comparison: Comparison, columns: number, style: Style): string[] {
  const { lists, parting, note, faults } = comparison;
  const who = Math.max(...lists.map((list) => list.who.length));
  const width = Math.max(...lists.map((list) => list.items.join(" ").length));
  const lines = lists.map((list) => {
    const room = columns - 5 - who - 3 - width - 4;
    const what = room < 12 ? "" : `   ${style("dim", cut(list.what, room))}`;
    const items = painted(list, parting, style);
    const gap = what === "" ? "" : " ".repeat(width - list.items.join(" ").length);
    return `     ${list.who.padEnd(who)} │ ${items}${gap}${what}`;
  });
  if (faults.length > 0 && lines.length > 1) {
    const between = cut(`⚡ ${faults.join(", then ")}`, columns - who - 8);
    lines.splice(lines.length - 1, 0, `     ${" ".repeat(who)} ┆ ${style("magenta", between)}`);
  }
  if (parting === null) return lines;
  const before = columnOf(lists, parting);
  return [...lines, `     ${" ".repeat(who)} │ ${" ".repeat(before)}${style("red", `▲ ${note}`)}`];
}

function painted(list: ComparedList, parting: number | null, style: Style): string {
  if (parting === null || list.items[0] === "nothing") return list.items.join(" ");
  const same = list.items.slice(0, parting).join(" ");
  const differs = list.items.slice(parting).join(" ");
  if (differs === "") return same;
  return `${same}${same === "" ? "" : " "}${style(["bold", "red"], differs)}`;
}

/** The position of an item's last character in the longest list. */
function columnOf(lists: readonly ComparedList[], parting: number): number {
  const longest = lists.toSorted((a, b) => b.items.length - a.items.length)[0];
  const items = longest?.items ?? [];
  return items.slice(0, parting + 1).join(" ").length - 1;
}
