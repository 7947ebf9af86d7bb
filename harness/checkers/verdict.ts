import type { Capability, Entry, History } from "../history/history.ts";
import type { Level } from "../history/level.ts";

/**
 * The cause that the shape of a history points to, the evidence for a person, and one sentence
 * of remedy. Its kind is a stable word: expectations and baselines name it.
 */
export interface Diagnosis {
  readonly kind: string;
  /** What happened, in one sentence, with the names of the replicas and turns. */
  readonly because: string;
  /** What to change, in one sentence. */
  readonly remedy: string;
  /** Two lists side by side, where two reads disagree. */
  readonly lists?: readonly ObservedList[];
  /** The faults between them, as their names. */
  readonly faults?: readonly string[];
}

/** A list as somebody saw it. */
export interface ObservedList {
  readonly label: string;
  readonly replica: string | null;
  readonly at: number;
  readonly tokens: readonly string[];
}

/** The first entry that breaks a level. */
export interface Break {
  readonly level: Level;
  readonly seq: number;
  readonly because: string;
}

/** Which levels of consistency a history keeps, and the first entry that breaks another. */
export interface Ladder {
  /** The highest levels that all threads keep: one, or two incomparable ones; empty: none. */
  readonly kept: readonly Level[];
  /** A break of a promised level if there is one; else of the lowest level that is broken. */
  readonly broken: Break | null;
}

export type Verdict =
  | { readonly kind: "holds"; readonly checked: number; readonly ladder?: Ladder }
  | { readonly kind: "inconclusive"; readonly because: string }
  | {
      readonly kind: "violated";
      readonly because: string;
      readonly evidence: readonly Entry[];
      /** At least one; the first is the one to read first. */
      readonly diagnoses: readonly [Diagnosis, ...Diagnosis[]];
      readonly ladder?: Ladder;
    };

/** What was measured of something that a promise limits: kept, so that a trend can be followed. */
export interface Figure {
  /** The promise, as the configuration names it, with its unit: "growth.bytesPerTurn". */
  readonly name: string;
  readonly measured: number;
  /** What is promised; null: nothing is. */
  readonly allowed: number | null;
}

/** A name, what it needs, and a pure function from a history (with its promises) to a verdict. */
export interface Checker {
  readonly name: string;
  readonly needs: readonly Capability[];
  judge(history: History): Verdict;
  /** For one that judges by figures: those, whatever the verdict. */
  measure?(history: History): readonly Figure[];
}

/** Violated over inconclusive over holds; nothing to judge is inconclusive. */
export function worst(verdicts: readonly Verdict[]): Verdict["kind"] {
  if (verdicts.some((v) => v.kind === "violated")) return "violated";
  if (verdicts.length === 0 || verdicts.some((v) => v.kind === "inconclusive"))
    return "inconclusive";
  return "holds";
}
