import type { Eye } from "../checkers/seen-through.ts";
/** What a run found, as plain data. Every format in this folder is a pure function of it. */
import type { Expectation } from "../checkers/expectation.ts";
import type { Bite, Entry } from "../history/history.ts";
import type { Diagnosis, Figure, Ladder, Verdict } from "../checkers/verdict.ts";

interface CheckerResult {
  readonly checker: string;
  readonly kind: Verdict["kind"];
  /** For `holds`: how much was checked. */
  readonly because: string;
}

/** The repetition of a violation with a single replica. It never changes the verdict. */
export interface Control {
  readonly says: "needs two replicas" | "one replica suffices" | "not seen again";
}

interface Recovery {
  readonly how: "by itself" | "needs a restart" | "never";
  /** From the first question to the one that was answered; null: not without a restart. */
  readonly afterMs: number | null;
  /** What is promised. */
  readonly withinMs: number;
}

export interface Result {
  readonly scenario: string;
  readonly claim: string;
  readonly target: string;
  /** The variant's name, or null for the plain target. */
  readonly variant: string | null;
  readonly backend: string;
  readonly verdict: { readonly kind: Verdict["kind"]; readonly because: string };
  /** The first checker, in the scenario's order, with the verdict's kind; null where all hold. */
  readonly checker: string | null;
  readonly checkers: readonly CheckerResult[];
  readonly expected: Expectation;
  readonly asExpected: boolean;
  readonly ladder: Ladder | null;
  /** One per kind, the first checker's first. */
  readonly diagnoses: readonly Diagnosis[];
  readonly control: Control | null;
  /** At most a dozen entries, in order. */
  readonly evidence: readonly Entry[];
  readonly durationMs: number;
  /** What showed what the agent remembers; empty: nothing did. */
  readonly seenThrough: readonly Eye[];
  /** How the threads came back once everything was healed, the worst; null: none was asked. */
  readonly recovery: Recovery | null;
  /** What was measured beside what is promised, whatever the verdict. */
  readonly figures: readonly Figure[];
  readonly turns: { readonly ok: number; readonly failed: number; readonly unknown: number };
  readonly faults: readonly { readonly name: string; readonly bite: Bite }[];
  /** The command that reproduces this case. */
  readonly reproduce: string;
  /** The header's `run`, by which its lines are found in history.jsonl. */
  readonly run: string;
}

/** Something that was not judged: a scenario, or one checker of it. Never merged into a verdict. */
export interface NotRun {
  readonly scenario: string;
  readonly claim: string;
  readonly target: string;
  readonly variant: string | null;
  /** Absent: the whole scenario was not run. */
  readonly checker?: string;
  readonly reason: string;
}

export interface RunReport {
  readonly schemaVersion: 2;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly seed: number;
  /** The command line that was given, as a shell would take it. */
  readonly command: string;
  /** Of the checkout that was run; null outside git. */
  readonly commit: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
  readonly notRun: readonly NotRun[];
  /** Baseline entries that no longer occur: "round-robin/mine". */
  readonly stale: readonly string[];
}

/**
 * 0 as expected · 1 a surprise · 2 nothing failed but something is inconclusive · 3 baseline stale.
 */
export function exitCode(report: RunReport): 0 | 1 | 2 | 3 {
  // Nothing was run, so nothing was shown to hold.
  if (report.results.length === 0) return 2;
  const surprises = report.results.filter((result) => !result.asExpected);
  if (surprises.some((result) => result.verdict.kind !== "inconclusive")) return 1;
  if (surprises.length > 0) return 2;
  return report.stale.length > 0 ? 3 : 0;
}
