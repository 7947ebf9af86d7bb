/** The results of a run, as plain data. Every format in this folder is a pure function of it. */
import { z } from "zod";
import { expectation } from "../checkers/expectation.ts";
import { recovery } from "../checkers/recovery.ts";
import { eye } from "../checkers/seen-through.ts";
import { diagnosis, figure, ladder, verdictKind } from "../checkers/verdict.ts";
import type { DeepReadonly } from "../history/deep-readonly.ts";
import { experimentName } from "../history/experiment.ts";
import { bite, entry } from "../history/history.ts";

/** The version of result.json: 2 since levels have names and no field repeats another. */
export const schemaVersion = 2;

const text = z.string();
const milliseconds = z.number().nonnegative();
const count = z.int().nonnegative();

/** What a repetition showed with one thing changed. It never changes the verdict. */
const experiment = z.object({
  name: experimentName,
  outcome: text.describe("violated, holds, inconclusive, or cut short"),
  again: z.boolean().describe("Whether the checker of the verdict was violated again"),
});
export type ExperimentResult = DeepReadonly<z.infer<typeof experiment>>;

const result = z.object({
  scenario: text,
  claim: text.describe("The property that the scenario tests, stated positively"),
  target: text,
  variant: text.nullable().describe("null: the plain target"),
  backend: text,
  verdict: z.object({ kind: verdictKind, because: text }),
  checker: text.nullable().describe("The first checker with the verdict's kind; null: all hold"),
  checkers: z.array(z.object({ checker: text, kind: verdictKind, because: text })),
  expected: expectation,
  asExpected: z.boolean().describe("Whether verdict, checker and diagnoses are the expected ones"),
  ladder: ladder.nullable(),
  diagnoses: z.array(diagnosis).describe("One per kind, in the order of the checkers"),
  experiments: z
    .array(experiment)
    .describe("The repetitions after a violation, each with one thing changed"),
  evidence: z.array(entry).describe("At most twelve entries of the history, in order"),
  durationMs: milliseconds,
  figures: z.array(figure).describe("Measured values and their promised limits"),
  seenThrough: z
    .array(eye)
    .describe("The means by which the agent's memory was visible; empty: none"),
  recovery: recovery
    .extend({ withinMs: milliseconds.describe("The promised time") })
    .nullable()
    .describe("The slowest recovery of a thread after all faults were healed"),
  turns: z.object({ ok: count, failed: count, unknown: count }),
  faults: z.array(z.object({ name: text, bite })),
  reproduce: text.describe("The command that reproduces this case"),
  run: text.describe("The header's run, which names its lines in history.jsonl"),
});
export type Result = DeepReadonly<z.infer<typeof result>>;

/** A scenario, or one of its checkers, that did not run. Never merged into a verdict. */
const notRun = z.object({
  scenario: text,
  claim: text.describe("The claim that was not tested"),
  target: text,
  variant: text.nullable(),
  checker: text.exactOptional().describe("Absent: the whole scenario did not run"),
  reason: text,
});
export type NotRun = DeepReadonly<z.infer<typeof notRun>>;

export const runReport = z.object({
  schemaVersion: z.literal(schemaVersion),
  startedAt: z.iso.datetime({ offset: true }),
  durationMs: milliseconds,
  seed: z.int(),
  command: text.describe("The command line of the run, quoted for a shell"),
  commit: text.nullable().describe("The commit of the checkout; null: not a git checkout"),
  versions: z.record(text, text),
  results: z.array(result),
  notRun: z.array(notRun),
  stale: z.array(text).describe("Baseline entries that no longer occur"),
});
export type RunReport = DeepReadonly<z.infer<typeof runReport>>;

/**
 * 0 as expected · 1 a surprise · 2 no failure, but an inconclusive result · 3 stale baseline.
 */
export function exitCode(report: RunReport): 0 | 1 | 2 | 3 {
  // Without results, no claim was shown to hold.
  if (report.results.length === 0) return 2;
  const surprises = report.results.filter((result) => !result.asExpected);
  if (surprises.some((result) => result.verdict.kind !== "inconclusive")) return 1;
  if (surprises.length > 0) return 2;
  return report.stale.length > 0 ? 3 : 0;
}
