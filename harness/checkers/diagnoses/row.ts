import type { Level } from "../../history/level.ts";

/** One kind of diagnosis, in words that fit every service. */
export interface DiagnosisRow {
  /** A few words for a heading. */
  readonly title: string;
  /** What the users lose, or the operator. */
  readonly meaning: string;
  /** What in a history proves it. */
  readonly evidence: string;
  /**
   * What to change, in one sentence; or one sentence per case, where the fix depends on the case.
   */
  readonly remedy: string | Readonly<Record<string, string>>;
  /** The weakest consistency levels that it breaks; empty: it is not about consistency. */
  readonly levels: readonly Level[];
  /** Kinds that have this one as a symptom: if one of them is found, this one is not reported. */
  readonly explainedBy?: readonly string[];
}

export type Rows = Readonly<Record<string, DiagnosisRow>>;
