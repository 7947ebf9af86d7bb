import type { Capability, Entry, History } from "../history/history.ts";
import type { Level } from "../history/level.ts";

/** The cause that a history points to, with the evidence for a person and the remedy. */
export interface Diagnosis {
  /**
   * A `DiagnosisKind` of the table, or a kind that a checker outside of this package declares. It is
   * a stable word: expectations and baselines name it.
   */
  readonly kind: string;
  /** What happened, in one sentence, with the names of the replicas and turns. */
  readonly because: string;
  /** What to change, in one sentence. */
  readonly remedy: string;
  /** The lists that disagree, side by side. */
  readonly lists?: readonly ObservedList[];
  /** The names of the faults that were active in between. */
  readonly faults?: readonly string[];
}

/** What one read showed of a thread. */
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

/** A measurement of what a promise limits. Reports keep it, so that a trend can be followed. */
export interface Figure {
  /** The promise, as the configuration names it, with its unit: "growth.bytesPerTurn". */
  readonly name: string;
  readonly measured: number;
  /** The promised limit; null: nothing is promised. */
  readonly allowed: number | null;
}

/** A pure function from a history, with its promises, to a verdict. */
export interface Checker {
  readonly name: string;
  readonly needs: readonly Capability[];
  /** The kinds that it finds and that are not in the table: for checkers outside of this package. */
  readonly finds?: readonly string[];
  judge(history: History): Verdict;
  /** The figures that it judges by, whatever the verdict. */
  measure?(history: History): readonly Figure[];
}

/** Violated before inconclusive before holds. No verdict at all is inconclusive. */
export function worst(verdicts: readonly Verdict[]): Verdict["kind"] {
  if (verdicts.some((v) => v.kind === "violated")) return "violated";
  if (verdicts.length === 0 || verdicts.some((v) => v.kind === "inconclusive"))
    return "inconclusive";
  return "holds";
}
