import { availableParallelism } from "node:os";
import type { Baseline } from "./baseline.ts";
import type { NamedScenario } from "./catalogue.ts";
import { holds, type Expectation } from "./expectation.ts";
import type { Ground } from "./ground.ts";
import { createTemplate } from "./template.ts";
import type { HistoryFile } from "./recording.ts";
import type { Control, NotRun, Result, RunReport } from "./report/report.ts";
import { resultOf, seenOf } from "./result.ts";
import { lacking, runScenario, type RunOptions, type Subject } from "./run.ts";
import type { Configuration } from "./target.ts";

/** A subject and what is expected of it. */
export interface Job {
  readonly subject: Subject;
  readonly expected: Expectation;
  /** True where the expectation is a baseline's: it is stale as soon as the claim holds. */
  readonly accepted: boolean;
  /** Counts the repetitions, from 0. */
  readonly round: number;
}

export interface Selection {
  /** Names; empty: all. */
  readonly scenarios: readonly string[];
  readonly targets: readonly string[];
  /** Names, or "plain"; empty: the plain target on everything, each variant on what it breaks. */
  readonly variants: readonly string[];
  readonly repeat: number;
}

/**
 * What is to be run. By default every scenario on the plain target, and every variant on the
 * scenarios that it breaks. Throws where a name is not known, with those that are.
 */
export function planOf(
  scenarios: readonly NamedScenario[],
  configuration: Configuration,
  selection: Selection,
  baseline: Baseline | null,
): Job[] {
  const targets = Object.entries(configuration.targets);
  const variants = [...new Set(targets.flatMap(([, it]) => Object.keys(it.variants)))];
  known(
    "scenario",
    selection.scenarios,
    scenarios.map((it) => it.name),
  );
  known(
    "target",
    selection.targets,
    targets.map(([name]) => name),
  );
  known("variant", selection.variants, ["plain", ...variants]);
  const chosen = (names: readonly string[], name: string): boolean =>
    names.length === 0 || names.includes(name);
  const jobs: Job[] = [];
  for (let round = 0; round < selection.repeat; round += 1) {
    for (const scenario of scenarios.filter((it) => chosen(selection.scenarios, it.name))) {
      for (const [name, definition] of targets.filter(([it]) => chosen(selection.targets, it))) {
        const target = { name, definition };
        const add = (variant: Subject["variant"], own: Expectation | undefined): void => {
          const accepted = baseline?.find(name, variant?.name ?? null, scenario.name) ?? null;
          const expected = accepted ?? own ?? holds;
          jobs.push({
            subject: { scenario, target, variant },
            expected,
            accepted: accepted !== null,
            round,
          });
        };
        if (chosen(selection.variants, "plain")) add(null, definition.breaks[scenario.name]);
        for (const [variantName, variant] of Object.entries(definition.variants)) {
          const asked = selection.variants.includes(variantName) && selection.scenarios.length > 0;
          const breaks = variant.breaks[scenario.name];
          if (!chosen(selection.variants, variantName)) continue;
          if (asked || breaks !== undefined)
            add({ name: variantName, definition: variant }, breaks);
        }
      }
    }
  }
  return jobs;
}

/** Throws where one of `asked` is not among `there`. */
function known(noun: string, asked: readonly string[], there: readonly string[]): void {
  for (const name of asked) {
    if (!there.includes(name))
      throw new Error(`no ${noun} "${name}"; there are ${there.join(", ")}`);
  }
}

export interface SuiteOptions {
  readonly ground: Ground;
  readonly seed: number;
  readonly historyFile: HistoryFile | null;
  /** The command line that was given. */
  readonly command: string;
  /** Stop at the first surprise. */
  readonly bail: boolean;
  /** How many scenarios at once. */
  readonly parallel?: number;
  /** Told of each job as it begins and ends: for whoever watches. */
  readonly onStart?: (job: Job) => void;
  readonly onResult?: (job: Job, result: Result) => void;
}

/** Runs all jobs, a few at once, and puts the report together in the order of the plan. */
export async function runSuite(jobs: readonly Job[], options: SuiteOptions): Promise<RunReport> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const template = createTemplate(options.ground);
  const outcomes: (Result | NotRun)[][] = jobs.map(() => []);
  const stale = new Set<string>();
  let next = 0;
  let bailed = false;
  const worker = async (): Promise<void> => {
    while (next < jobs.length && !bailed) {
      const index = next++;
      const job = jobs[index];
      if (job === undefined) return;
      const { result, notRun, isStale } = await runJob(job, options, template);
      outcomes[index] = [...(result === null ? [] : [result]), ...notRun];
      if (isStale) stale.add(labelOf(job.subject));
      if (result !== null) options.onResult?.(job, result);
      if (options.bail && result !== null && !result.asExpected) bailed = true;
      if (options.historyFile?.failure) throw options.historyFile.failure;
    }
  };
  const parallel = options.parallel ?? availableParallelism();
  await Promise.all(Array.from({ length: parallel }, worker));
  const all = outcomes.flat();
  return {
    schemaVersion: 1,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    seed: options.seed,
    command: options.command,
    commit: options.ground.commit,
    versions: options.ground.versions,
    results: all.filter((it): it is Result => "verdict" in it),
    notRun: all.filter((it): it is NotRun => "reason" in it),
    stale: [...stale],
  };
}

interface Outcome {
  readonly result: Result | null;
  readonly notRun: readonly NotRun[];
  readonly isStale: boolean;
}

async function runJob(
  job: Job,
  options: SuiteOptions,
  template: ReturnType<typeof createTemplate>,
): Promise<Outcome> {
  const { subject } = job;
  const { ground } = options;
  const about = {
    scenario: subject.scenario.name,
    target: subject.target.name,
    variant: subject.variant?.name ?? null,
  };
  const lack = lacking(subject, ground.backend);
  if (lack !== null) {
    const reason = `the target lacks "${lack}" on the ${ground.backend.name} backend`;
    return { result: null, notRun: [{ ...about, reason }], isStale: false };
  }
  options.onStart?.(job);
  const seed = options.seed + job.round;
  const run: RunOptions = {
    backend: ground.backend,
    seed,
    versions: ground.versions,
    historyFile: options.historyFile,
    openDatabase: async (of) =>
      of === "nothing"
        ? ground.cluster.create({})
        : ground.cluster.create({ template: await template(subject.target) }),
  };
  const report = await runScenario(subject, run);
  const seen = seenOf(report.judgements);
  const control = seen.kind === "violated" ? await controlOf(subject, run) : null;
  const isStale = job.accepted && seen.kind === "holds";
  const expected = isStale ? holds : job.expected;
  const result = resultOf(subject, report, { expected, control, repeat: repeatOf(subject, seed) });
  const notRun = report.notApplicable.map(({ checker, lacks }) => ({
    ...about,
    checker,
    reason: `the target lacks "${lacks}"`,
  }));
  return { result, notRun, isStale };
}

/** The same once more with a single replica: it never changes the verdict, it says who is needed. */
async function controlOf(subject: Subject, run: RunOptions): Promise<Control> {
  const alone = seenOf((await runScenario(subject, run, 1)).judgements);
  const says = {
    violated: "one replica suffices",
    holds: "needs two replicas",
    inconclusive: "not seen again",
  } as const;
  return { says: says[alone.kind], tries: 1 };
}

export function labelOf({ scenario, target, variant }: Subject): string {
  return [scenario.name, target.name, ...(variant === null ? [] : [variant.name])].join("/");
}

function repeatOf({ scenario, target, variant }: Subject, seed: number): string {
  const names = `--target ${target.name} --variant ${variant?.name ?? "plain"}`;
  return `npx threadproof run ${scenario.name} ${names} --seed ${seed}`;
}
