import { worstRecovery } from "../checkers/recovery.ts";
import { meets, type Expectation, type Seen } from "../checkers/expectation.ts";
import { entriesOf, type History } from "../history/history.ts";
import type { ExperimentResult, Result } from "../report/result.ts";
import type { Judgement, ScenarioReport, Subject } from "./run.ts";
import { rowOf } from "../checkers/diagnoses.ts";
import { seenThrough } from "../checkers/seen-through.ts";
import { turnsOf } from "../checkers/turns.ts";
import { worst, type Diagnosis, type Verdict } from "../checkers/verdict.ts";

const evidenceKept = 12;

/** Merges the verdicts of all checkers, in the form of an expectation. */
export function seenOf(judgements: readonly Judgement[]): Seen {
  const kind = worst(judgements.map((it) => it.verdict));
  const first = judgements.find((it) => it.verdict.kind === kind);
  return {
    kind,
    checker: kind === "holds" ? null : (first?.checker ?? null),
    diagnoses: diagnosesOf(judgements).map((it) => it.kind),
  };
}

/** The result of a scenario's run, as the report shows it. */
export function resultOf(
  subject: Subject,
  report: ScenarioReport,
  given: {
    readonly expected: Expectation;
    readonly reproduce: string;
  },
): Result {
  const { history, judgements } = report;
  const seen = seenOf(judgements);
  const decisive = judgements.find((it) => it.verdict.kind === seen.kind)?.verdict;
  const diagnoses = diagnosesOf(judgements);
  const ladder = judgements.flatMap(({ verdict }) =>
    verdict.kind !== "inconclusive" && verdict.ladder !== undefined ? [verdict.ladder] : [],
  );
  return {
    scenario: subject.scenario.name,
    claim: subject.scenario.definition.claim,
    target: subject.target.name,
    variant: subject.variant?.name ?? null,
    backend: history.header.backend,
    verdict: { kind: seen.kind, because: decisive === undefined ? "" : becauseOf(decisive) },
    checker: seen.checker,
    checkers: judgements.map(({ checker, verdict }) => ({
      checker,
      kind: verdict.kind,
      because: becauseOf(verdict),
    })),
    expected: given.expected,
    asExpected: meets(seen, given.expected),
    ladder: ladder[0] ?? null,
    diagnoses,
    experiments: experimentsOf(history, seen.checker),
    evidence: decisive?.kind === "violated" ? decisive.evidence.slice(0, evidenceKept) : [],
    durationMs: Math.round(report.durationMs),
    turns: countTurns(history),
    seenThrough: seenThrough(history),
    recovery: recoveryOf(history),
    figures: judgements.flatMap((it) => it.figures),
    faults: entriesOf(history, "fault.end").map(({ name, bite }) => ({ name, bite })),
    reproduce: given.reproduce,
    run: history.header.run,
  };
}

function experimentsOf(history: History, checker: string | null): ExperimentResult[] {
  return entriesOf(history, "experiment").map(({ name, outcome, violated }) => ({
    ...{ name, outcome },
    again: checker !== null && violated.includes(checker),
  }));
}

function recoveryOf(history: History): Result["recovery"] {
  const worstOne = worstRecovery(history);
  if (worstOne === null) return null;
  const { how, afterMs } = worstOne;
  const withinMs = history.header.promises.recoveryMs;
  return { how, afterMs: afterMs === null ? null : Math.round(afterMs), withinMs };
}

function becauseOf(verdict: Verdict): string {
  return verdict.kind === "holds" ? `${verdict.checked} checked` : verdict.because;
}

/**
 * One diagnosis per kind: that of the first checker which found it. Without those of which another
 * one is the cause.
 */
function diagnosesOf(judgements: readonly Judgement[]): Diagnosis[] {
  const all = judgements.flatMap(({ verdict }) =>
    verdict.kind === "violated" ? verdict.diagnoses : [],
  );
  const first = new Map<string, Diagnosis>();
  for (const it of all) if (!first.has(it.kind)) first.set(it.kind, it);
  return [...first.values()].filter(
    ({ kind }) => !(rowOf(kind)?.explainedBy ?? []).some((other) => first.has(other)),
  );
}

/** Counts turns by outcome, without warm-ups and without turns that only read a thread. */
function countTurns(history: History): Result["turns"] {
  const counts = { ok: 0, failed: 0, unknown: 0 };
  for (const { purpose, outcome } of turnsOf(history)) {
    if (purpose === "workload" || purpose === "last") counts[outcome] += 1;
  }
  return counts;
}
