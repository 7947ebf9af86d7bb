import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Diagnosis, Verdict } from "./verdict.ts";
import type { Attempt } from "./turns.ts";

/** Something wrong that a checker found: its cause, and the entries that show it. */
export interface Finding {
  readonly diagnosis: Diagnosis;
  readonly evidence: readonly Entry[];
}

/** More than a person reads at once hides what it should show. */
const evidenceLimit = 12;

/** Violated if anything was found, with one diagnosis per finding; else what it would have been. */
export function verdictOf(findings: readonly Finding[], otherwise: Verdict): Verdict {
  const [first, ...others] = findings;
  if (first === undefined) return otherwise;
  return {
    kind: "violated",
    because: findings.map(({ diagnosis }) => diagnosis.because).join("; "),
    evidence: pick(findings),
    diagnoses: [first.diagnosis, ...others.map(({ diagnosis }) => diagnosis)],
  };
}

/** The faults that were held at any moment between two entries, as their names. */
export function faultsBetween(history: History, fromSeq: number, toSeq: number): string[] {
  const ends = new Map(entriesOf(history, "fault.end").map((end) => [end.fault, end.seq]));
  const held = entriesOf(history, "fault.begin").filter(
    ({ fault, seq }) => seq < toSeq && (ends.get(fault) ?? Infinity) > fromSeq,
  );
  // A call that is kept open only says where a turn was caught: beside a real fault it is no news.
  const real = held.filter(({ stops }) => stops !== "call");
  return [...new Set((real.length > 0 ? real : held).map(({ name }) => name))];
}

/** A time in which nothing could be saved, or the model gave no reply: from where to where. */
export interface Outage {
  readonly name: string;
  readonly stops: "saves" | "replies";
  readonly begin: EntryOf<"fault.begin">;
  /** `seq` of its end. */
  readonly until: number;
}

/** The times of faults under which nothing is saved, or replied. */
export function outagesIn(history: History, ...of: readonly Outage["stops"][]): Outage[] {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  return entriesOf(history, "fault.begin").flatMap((begin) => {
    const { name, fault, stops } = begin;
    if (stops === null || stops === "call" || !of.includes(stops)) return [];
    return [{ name, stops, begin, until: ends.get(fault) ?? Infinity }];
  });
}

/** Whether some of an attempt falls into it. */
export function isWithin({ begin, end }: Attempt, outage: Outage): boolean {
  return begin.seq < outage.until && (end?.seq ?? Infinity) > outage.begin.seq;
}

/** "a", "a and b", "a, b and c". */
export function inWords(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const last = distinct.pop() ?? "nobody";
  return distinct.length === 0 ? last : `${distinct.join(", ")} and ${last}`;
}

/** Each finding's entries by turns, so that the last is not crowded out; in order of time. */
function pick(findings: readonly Finding[]): Entry[] {
  const picked = new Map<number, Entry>();
  const longest = Math.max(...findings.map(({ evidence }) => evidence.length));
  for (let place = 0; place < longest; place++) {
    for (const { evidence } of findings) {
      const entry = evidence[place];
      if (entry !== undefined && picked.size < evidenceLimit) picked.set(entry.seq, entry);
    }
  }
  return [...picked.values()].sort((one, other) => one.seq - other.seq);
}
