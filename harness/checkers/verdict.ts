import { z } from "zod";
import type { Capability } from "../history/capability.ts";
import type { DeepReadonly } from "../history/deep-readonly.ts";
import type { Entry, History } from "../history/history.ts";
import { levels } from "../history/level.ts";

const text = z.string();

/** What one read showed of a thread. */
const observedList = z.object({
  label: text,
  replica: text.nullable(),
  at: z.number(),
  tokens: z.array(text),
});
export type ObservedList = DeepReadonly<z.infer<typeof observedList>>;

/** The cause that a history points to, with the evidence for a person and the remedy. */
export const diagnosis = z.object({
  /** A `DiagnosisKind` of the table, or a kind that a checker outside of this package declares. */
  kind: text.describe("A stable word: expectations and baselines name it"),
  because: text.describe("What happened, in one sentence"),
  remedy: text.describe("What to change, in one sentence"),
  lists: z
    .array(observedList)
    .exactOptional()
    .describe("What the agent remembered, as seen by each; where two of them disagree"),
  faults: z.array(text).exactOptional().describe("The faults between the lists"),
  facts: z
    .array(text)
    .exactOptional()
    .describe("What was seen, true whatever the cause, one sentence each"),
});
export type Diagnosis = DeepReadonly<z.infer<typeof diagnosis>>;

const level = z.enum(levels);

/** The first entry that breaks a level. */
const broken = z.object({ level, seq: z.int().nonnegative(), because: text });
export type Break = DeepReadonly<z.infer<typeof broken>>;

/** Which levels of consistency a history keeps, and the first entry that breaks another. */
export const ladder = z.object({
  kept: z.array(level).describe("The highest levels that all threads keep; empty: none"),
  broken: broken
    .nullable()
    .describe("A break of a promised level, else of the lowest broken one; null: no break"),
});
export type Ladder = DeepReadonly<z.infer<typeof ladder>>;

/** A measurement of what a promise limits. Reports keep it, so that a trend can be followed. */
export const figure = z.object({
  name: text.describe("The promise, with its unit: growth.bytesPerTurn"),
  measured: z.number(),
  allowed: z.number().nullable().describe("What is promised; null: nothing is"),
});
export type Figure = DeepReadonly<z.infer<typeof figure>>;

export const verdictKind = z.enum(["holds", "inconclusive", "violated"]);

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

/** A pure function from a history, with its promises, to a verdict. */
export interface Checker {
  readonly name: string;
  readonly needs: readonly Capability[];
  /**
   * The kinds that it finds and that are not in the table: for checkers outside of this package.
   */
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
