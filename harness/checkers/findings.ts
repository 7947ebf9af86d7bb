import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import { type DiagnosisKind, diagnoses, worstFirst } from "./diagnoses.ts";
import type { DiagnosisRow } from "./diagnoses/row.ts";
import type { Attempt } from "./turns.ts";
import type { Diagnosis, ObservedList, Verdict } from "./verdict.ts";

/** A problem that a checker found: its diagnosis, and the entries that show it. */
export interface Finding {
  readonly diagnosis: Diagnosis;
  readonly evidence: readonly Entry[];
}

interface Facts {
  /** What happened, in one sentence, with the names of the replicas and turns. */
  readonly because: string;
  readonly evidence: readonly Entry[];
  readonly lists?: readonly ObservedList[];
  readonly faults?: readonly string[];
  /** Facts that are true whatever the cause, one sentence each. */
  readonly facts?: readonly string[];
}

type RemedyOf<Kind extends DiagnosisKind> = (typeof diagnoses)[Kind]["remedy"];

/** A kind with one remedy for all cases. */
export type PlainKind = {
  [Kind in DiagnosisKind]: RemedyOf<Kind> extends string ? Kind : never;
}[DiagnosisKind];

/** The case, for a kind whose remedy depends on it. */
type Case<Kind extends DiagnosisKind> =
  RemedyOf<Kind> extends string
    ? { readonly remedy?: never }
    : { readonly remedy: keyof RemedyOf<Kind> & string };

/** A finding of a kind of the table: the checker gives the facts, the table gives the remedy. */
export function finding<Kind extends DiagnosisKind>(
  kind: Kind,
  facts: Facts & Case<Kind>,
): Finding {
  const { because, evidence, lists, faults = [], facts: seen = [] } = facts;
  const { remedy }: DiagnosisRow = diagnoses[kind];
  return {
    diagnosis: {
      kind,
      because,
      remedy: typeof remedy === "string" ? remedy : (remedy[facts.remedy ?? ""] ?? ""),
      ...(lists === undefined ? {} : { lists }),
      ...(faults.length === 0 ? {} : { faults }),
      ...(seen.length === 0 ? {} : { facts: seen }),
    },
    evidence,
  };
}

/** More entries than this hide what they should show. */
const evidenceLimit = 12;

/** `violated` if there are findings, with one diagnosis each, worst first; else `otherwise`. */
export function verdictOf(findings: readonly Finding[], otherwise: Verdict): Verdict {
  const sorted = findings.toSorted((one, other) => worstFirst(one.diagnosis, other.diagnosis));
  const [first, ...others] = sorted;
  if (first === undefined) return otherwise;
  return {
    kind: "violated",
    because: sorted.map(({ diagnosis }) => diagnosis.because).join("; "),
    evidence: pick(sorted),
    diagnoses: [first.diagnosis, ...others.map(({ diagnosis }) => diagnosis)],
  };
}

/** The names of the faults that were active at any moment between two entries. */
export function faultsBetween(history: History, fromSeq: number, toSeq: number): string[] {
  const ends = new Map(entriesOf(history, "fault.end").map((end) => [end.fault, end.seq]));
  const active = entriesOf(history, "fault.begin").filter(
    ({ fault, seq }) => seq < toSeq && (ends.get(fault) ?? Infinity) > fromSeq,
  );
  // A held call only marks where a turn was caught: beside a real fault it adds nothing.
  const real = active.filter(({ stops }) => stops !== "call");
  return [...new Set((real.length > 0 ? real : active).map(({ name }) => name))];
}

/** A time in which nothing could be saved, or the model did not reply. */
export interface Outage {
  readonly name: string;
  readonly stops: "saves" | "replies";
  readonly begin: EntryOf<"fault.begin">;
  /** `seq` of its end; Infinity: it did not end. */
  readonly until: number;
}

/** The outages of the given sorts. */
export function outagesIn(history: History, ...of: readonly Outage["stops"][]): Outage[] {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  return entriesOf(history, "fault.begin").flatMap((begin) => {
    const { name, fault, stops } = begin;
    if ((stops !== "saves" && stops !== "replies") || !of.includes(stops)) return [];
    return [{ name, stops, begin, until: ends.get(fault) ?? Infinity }];
  });
}

/** Whether a part of the attempt falls into the outage. */
export function isWithin({ begin, end }: Attempt, outage: Outage): boolean {
  return begin.seq < outage.until && (end?.seq ?? Infinity) > outage.begin.seq;
}

/** "a", "a and b", "a, b and c". */
export function inWords(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const last = distinct.pop() ?? "none";
  return distinct.length === 0 ? last : `${distinct.join(", ")} and ${last}`;
}

/** " (and 2 more turns)" where the sentence before it is about the first of three; else "". */
export function andMore(all: readonly unknown[], noun = ""): string {
  const more = all.length - 1;
  return more < 1 ? "" : ` (and ${more} more${noun === "" ? "" : ` ${noun}`})`;
}

/** Entries of each finding in turn, so that no finding crowds out another; in order of time. */
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
