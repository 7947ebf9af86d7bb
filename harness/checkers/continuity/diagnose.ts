/**
 * From broken threads to diagnoses. The facts of all threads are held against every hypothesis:
 * each cause is named once, with the facts that it explains. Facts without a cause are
 * `unexplained`, with the causes that were refuted and why.
 */
import { entriesOf } from "../../history/history.ts";
import type { History } from "../../history/history.ts";
import { type ExperimentName, experimentNames } from "../../history/experiment.ts";
import { implies, type Level } from "../../history/level.ts";
import { rowOf } from "../diagnoses.ts";
import { faultsBetween, finding } from "../findings.ts";
import type { Finding } from "../findings.ts";
import { malformedFindings } from "../malformed-transcripts.ts";
import type { Break, ObservedList } from "../verdict.ts";
import type { Conflict } from "./conflicts.ts";
import { Evidence } from "./run-evidence.ts";
import { type Fact, factInWords, shownAt } from "./facts.ts";
import { hypotheses } from "./hypotheses.ts";
import { startedAgain } from "./hypotheses/repeated-turns.ts";
import { choose, consider, type Fit, type Refuted, type Tie } from "./hypothesis.ts";
import type { Observation } from "./observations.ts";
import type { ThreadOperations } from "./operation.ts";
import type { Operations } from "./operations.ts";
import { nameOf } from "./thread-levels.ts";

/** A thread that breaks what is promised, and the first break of the lowest such level. */
export interface BrokenThread {
  readonly operations: ThreadOperations;
  readonly broken: Break;
  /** For windows: what is missing from them. Otherwise lists are compared with each other. */
  readonly conflicts?: (observations: readonly Observation[]) => readonly Conflict[];
}

/** The facts of broken threads, and the causes that fit them. */
interface Weighed {
  readonly evidence: Evidence;
  readonly facts: readonly Fact[];
  readonly fits: readonly Fit[];
  readonly refuted: readonly Refuted[];
}

function weigh(
  history: History,
  operations: Operations,
  threads: readonly BrokenThread[],
): Weighed {
  const evidence = new Evidence(history, operations);
  const facts = threads.flatMap((thread) => factsOf(thread, evidence));
  const { level } = history.header.promises.memory;
  const promised = hypotheses.filter(({ kind }) => isPromised(kind, level));
  return { evidence, facts, ...consider(promised, facts, evidence) };
}

/** At least one finding, each kind once. */
export function diagnose(
  history: History,
  operations: Operations,
  threads: readonly BrokenThread[],
): Finding[] {
  const { evidence, facts, fits, refuted } = weigh(history, operations, threads);
  const orphaned = orphanedCalls(history, threads);
  const { chosen, ties, rest } = choose(fits, facts);
  const found = chosen.filter(({ hypothesis }) => !isExplained(hypothesis.kind, chosen, orphaned));
  const open = orphaned.length > 0 ? [] : rest;
  return [
    ...orphaned,
    ...found
      .filter((fit) => orphaned.length === 0 || !fit.shown.every(isStartedAgain))
      .map((fit) => findingOf(fit, evidence)),
    ...unexplained(open, [...tiesInWords(ties), ...refutedInWords(refuted)], evidence),
  ];
}

/** The experiments of which a cause that fits predicts the outcome. */
export function experimentsThatTell(
  history: History,
  operations: Operations,
  threads: readonly BrokenThread[],
): ExperimentName[] {
  const { fits } = weigh(history, operations, threads);
  const predicted = new Set(
    fits.flatMap(({ hypothesis }) => Object.keys(hypothesis.predicts ?? {})),
  );
  return experimentNames.filter((name) => predicted.has(name));
}

function factsOf({ operations, broken, conflicts }: BrokenThread, evidence: Evidence): Fact[] {
  const thread = operations;
  const disagreements =
    conflicts === undefined
      ? evidence.disagreementsOf(thread)
      : conflicts(evidence.observationsOf(thread)).map((conflict) => ({
          kind: "disagreement" as const,
          thread,
          ...conflict,
        }));
  const facts: Fact[] = [...disagreements, ...evidence.flawsOf(thread)];
  return facts.length > 0 ? facts : [{ kind: "broken level", thread, broken }];
}

function isPromised(kind: string, promised: Level): boolean {
  return rowOf(kind)?.levels.some((lowest) => implies(promised, lowest)) === true;
}

function isStartedAgain(fact: Fact): boolean {
  return fact.kind === "flawed read" && startedAgain(fact);
}

/** A cause of which another one that was found is the cause. */
function isExplained(kind: string, chosen: readonly Fit[], orphaned: readonly Finding[]): boolean {
  const found = [
    ...chosen.map(({ hypothesis }) => hypothesis.kind as string),
    ...orphaned.map(({ diagnosis }) => diagnosis.kind),
  ];
  return (rowOf(kind)?.explainedBy ?? []).some((other) => found.includes(other));
}

/** A tool call without its result in the prompts of these threads, if there is one. */
function orphanedCalls(history: History, threads: readonly BrokenThread[]): Finding[] {
  const turns = new Set<string | null>(
    threads.flatMap(({ operations }) => operations.writes.map(({ turn }) => turn)),
  );
  const calls = entriesOf(history, "model.call").filter(({ turn }) => turns.has(turn));
  return malformedFindings(history, calls).filter(
    ({ diagnosis }) => diagnosis.kind === "orphaned-tool-call",
  );
}

/** A cause in a report shows this many of its facts. */
const factsShown = 3;

function findingOf({ hypothesis, shown, because, explained }: Fit, evidence: Evidence): Finding {
  const [first, ...others] = [...shown].sort((one, other) => shownAt(one) - shownAt(other));
  if (first === undefined) throw new Error("a fit has at least one fact that shows it");
  const more = [...explained].filter((fact) => fact !== first && !others.includes(fact));
  const facts = [first, ...others, ...more].map(factInWords);
  return finding(hypothesis.kind, {
    because: `${factInWords(first)}: ${because}`,
    ...shownBy(first, evidence),
    evidence: [
      ...(hypothesis.proof?.(shown, evidence) ?? []),
      ...shownBy(first, evidence).evidence,
    ],
    facts: [...new Set(facts)].slice(0, factsShown),
  });
}

function unexplained(
  rest: readonly Fact[],
  notes: readonly string[],
  evidence: Evidence,
): Finding[] {
  const [first] = rest;
  if (first === undefined) return [];
  return [
    finding("unexplained", {
      because: [factInWords(first), ...notes].join("; "),
      ...shownBy(first, evidence),
      facts: [...new Set(rest.map(factInWords))].slice(0, factsShown),
    }),
  ];
}

function tiesInWords(ties: readonly Tie[]): string[] {
  return ties.map(({ fits, experiments }) => {
    const kinds = fits.map(({ hypothesis }) => hypothesis.kind).join(" or ");
    return `${kinds}: the experiment "${experiments.join('" or "')}" would tell`;
  });
}

function refutedInWords(refuted: readonly Refuted[]): string[] {
  return refuted.map(({ kind, why }) => `not ${kind}: ${why}`);
}

/** The entries, lists and faults that show a fact. */
function shownBy(fact: Fact, { history }: Evidence) {
  const entries = new Map(history.entries.map((entry) => [entry.seq, entry]));
  const list = (of: Pick<Observation, "label" | "replica" | "end" | "list">): ObservedList => ({
    label: of.label,
    replica: of.replica,
    at: entries.get(of.end)?.at ?? 0,
    tokens: of.list,
  });
  switch (fact.kind) {
    case "disagreement": {
      const { before, after } = fact;
      const ends = [before.begin, before.end, after.begin, after.end];
      const lives = history.entries.filter(
        ({ kind, seq }) =>
          before.end < seq &&
          seq < after.end &&
          (kind === "replica.exit" || kind === "replica.start"),
      );
      return {
        evidence: [...ends.flatMap((seq) => entries.get(seq) ?? []), ...lives],
        lists: [list(before), list(after)],
        faults: faultsBetween(history, before.end, after.end),
      };
    }
    case "flawed read": {
      const { flaw, read } = fact;
      const begins = entriesOf(history, "attempt.begin").filter(
        ({ turn }) => turn === flaw.turn || turn === flaw.by,
      );
      const attempts = new Set(begins.map(({ attempt }) => attempt));
      const ends = entriesOf(history, "attempt.end").filter((it) => attempts.has(it.attempt));
      const shown = entries.get(read.end);
      const label = `${nameOf(read)}, thread ${fact.thread.thread}`;
      const from = Math.min(read.end, ...begins.map(({ seq }) => seq));
      return {
        evidence: [...(shown ? [shown] : []), ...begins, ...ends],
        lists: [list({ ...read, label })],
        faults: faultsBetween(history, from, read.end),
      };
    }
    case "broken level": {
      const shown = entries.get(fact.broken.seq);
      return { evidence: shown ? [shown] : [] };
    }
  }
}
