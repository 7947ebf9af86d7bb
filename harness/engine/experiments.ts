import { experimentsFor } from "../checkers/telling-experiments.ts";
import type { ExperimentName } from "../history/experiment.ts";
import type { EntryOf, Event } from "../history/history.ts";
import { seenOf } from "./case-result.ts";
import { cutShort } from "./progress-deadline.ts";
import {
  judgeAll,
  type RunOptions,
  runScenario,
  type ScenarioReport,
  type Subject,
} from "./run.ts";

/** The longest time that an experiment plays, in milliseconds. */
const atMostMs = 10_000;

/**
 * Repeats a violated run, each time with one thing changed, and judges the run again with the
 * outcomes. They decide between causes and never change the kind of a verdict. The outcomes are
 * entries of the run's own history, so whoever judges it later sees the same.
 */
export async function withExperiments(
  report: ScenarioReport,
  subject: Subject,
  options: RunOptions,
): Promise<ScenarioReport> {
  const { history, judgements, stuck } = report;
  if (stuck !== null || seenOf(judgements).kind !== "violated") return report;
  const verdicts = judgements.filter(({ verdict }) => verdict.kind === "violated");
  const names = experimentsFor(
    history,
    verdicts.map(({ checker }) => checker),
  );
  for (const name of names) history.record(await outcomeOf(name, subject, options));
  if (names.length === 0) return report;
  return { ...report, ...judgeAll(history, subject.scenario.definition, stuck) };
}

async function outcomeOf(
  experiment: ExperimentName,
  subject: Subject,
  options: RunOptions,
): Promise<Event & Pick<EntryOf<"experiment">, "kind">> {
  const repeated = await runScenario(subject, options, { experiment, atMostMs });
  const isCut = repeated.stuck === cutShort;
  const violated = repeated.judgements.filter(({ verdict }) => verdict.kind === "violated");
  const { kind, diagnoses } = seenOf(repeated.judgements);
  return {
    kind: "experiment",
    name: experiment,
    outcome: isCut && kind !== "violated" ? "cut short" : kind,
    violated: violated.map(({ checker }) => checker),
    kinds: [...diagnoses],
    tookMs: Math.round(repeated.durationMs),
  };
}
