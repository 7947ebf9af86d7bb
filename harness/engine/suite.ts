import type { Backend } from "../deployment/backend.ts";
import { holds, meets } from "../checkers/expectation.ts";
import type { RunResources } from "./resources.ts";
import { type CaseName, formatCase } from "../history/case-name.ts";
import type { Capability } from "../history/capability.ts";
import { withExperiments } from "./experiments.ts";
import { mapInParallel } from "./parallel.ts";
import type { Job } from "./plan.ts";
import type { HistoryFile } from "../history/recording.ts";
import type { NotRun, Result, RunReport } from "../report/result.ts";
import { resultOf, seenOf } from "./case-result.ts";
import { caseOf, lacking, type RunOptions, runScenario, type Subject } from "./run.ts";
import { Secrets } from "../history/secrets.ts";
import type { Target } from "../config/configuration.ts";
import { TargetFailure } from "../config/target-failure.ts";
import { openDatabase } from "../deployment/database-template.ts";

export interface JobOptions {
  readonly resources: RunResources;
  readonly seed: number;
  readonly historyFile: HistoryFile | null;
  /** Values that the history must not show. The values that logins return are added. */
  readonly secrets?: Secrets;
  /** False: a violation is not repeated with one thing changed, so fewer causes are named. */
  readonly experiments?: boolean;
  /** More flags for the command that reproduces a case: "--config mine.yaml". */
  readonly reproduceFlags?: string;
}

export interface SuiteOptions extends JobOptions {
  /** The command line of this run. */
  readonly command: string;
  /** Stop at the first result that is not as expected. */
  readonly bail: boolean;
  /** The number of concurrent scenarios. */
  readonly parallel?: number;
  /** Called as each case begins. */
  readonly onStart?: (name: CaseName) => void;
  /** Called as each case ends. */
  readonly onResult?: (result: Result | NotRun) => void;
}

/** Runs all jobs, a few concurrently. The report has the order of the plan. */
export async function runSuite(jobs: readonly Job[], options: SuiteOptions): Promise<RunReport> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const run = jobRunner(options);
  const stale = new Set<string>();
  let bailed = false;
  const play = async (job: Job): Promise<readonly (Result | NotRun)[]> => {
    if (bailed) return [];
    options.onStart?.(caseOf(job.subject));
    const { result, notRun, isStale } = await run(job);
    if (isStale) stale.add(formatCase(caseOf(job.subject)));
    const ended = result ?? notRun[0];
    if (ended !== undefined) options.onResult?.(ended);
    if (options.bail && result !== null && !result.asExpected) bailed = true;
    if (options.historyFile?.failure) throw options.historyFile.failure;
    return [...(result === null ? [] : [result]), ...notRun];
  };
  // The first job runs alone, so that the first verdict comes early.
  const first = await mapInParallel(jobs.slice(0, 1), play);
  const outcomes = [...first, ...(await mapInParallel(jobs.slice(1), play, options.parallel))];
  const all = outcomes.flat();
  return {
    schemaVersion: 2,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    seed: options.seed,
    command: options.command,
    commit: options.resources.commit,
    versions: options.resources.versions,
    results: all.filter((it): it is Result => "verdict" in it),
    notRun: all.filter((it): it is NotRun => "reason" in it),
    stale: [...stale],
  };
}

/** The report of a run without resources: lists every job as not run, with the reason. */
export function nothingRan(
  jobs: readonly Job[],
  { reason, seed, command }: { reason: string; seed: number; command: string },
): RunReport {
  return {
    schemaVersion: 2,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    seed,
    command,
    commit: null,
    versions: { node: process.versions.node },
    results: [],
    notRun: jobs
      .filter(({ round }) => round === 0)
      .map(({ subject }) => ({ ...claimed(subject), reason })),
    stale: [],
  };
}

/** The outcome of a job: its result, or the reason for not running it or some of its checkers. */
interface JobOutcome {
  readonly result: Result | null;
  readonly notRun: readonly NotRun[];
  readonly isStale: boolean;
}

/** Runs one job after another on shared resources; repeats a surprising violation. */
export function jobRunner(options: JobOptions): (job: Job) => Promise<JobOutcome> {
  const { resources, historyFile, secrets = new Secrets() } = options;
  /** Targets that did not start: their other scenarios fail at once. */
  const failed = new Map<Target, TargetFailure>();
  const run = async ({ subject, expected, accepted, round, skipped }: Job): Promise<JobOutcome> => {
    const about = claimed(subject);
    const { definition } = subject.target;
    const backend = resources.backendOf(definition);
    const lack = lacking(subject, backend);
    const why = (lacked: Capability) => whyLacking(backend, definition, lacked);
    const reason = skipped ?? backend.unfit(definition) ?? (lack === null ? null : why(lack));
    if (reason !== null) {
      // Listed once, however often the others are repeated.
      const notRun = round === 0 ? [{ ...about, reason }] : [];
      return { result: null, notRun, isStale: false };
    }
    const seed = options.seed + round;
    await using storage = needsServer(subject) ? await resources.openStorage() : null;
    const given: RunOptions = {
      backend,
      seed,
      round,
      versions: resources.versions,
      historyFile,
      secrets,
      server: storage?.server ?? null,
      openDatabase: async (of) => {
        const failure = of === "template" ? failed.get(definition) : undefined;
        if (failure !== undefined) throw failure;
        const cluster = storage?.cluster ?? resources.cluster;
        return openDatabase(of, { backend, cluster, target: subject.target }).catch((cause) => {
          if (cause instanceof TargetFailure) failed.set(definition, cause);
          throw cause;
        });
      },
    };
    const played = await runScenario(subject, given);
    const isExpected = meets(seenOf(played.judgements), expected);
    const report =
      options.experiments === false || isExpected
        ? played
        : await withExperiments(played, subject, given);
    const isStale = accepted && seenOf(report.judgements).kind === "holds";
    const result = resultOf(subject, report, {
      expected: isStale ? holds : expected,
      reproduce: reproduceCommand(about, seed, options.reproduceFlags),
    });
    const notRun = report.notApplicable.map(({ checker, lacks }) => ({
      ...about,
      checker,
      reason: why(lacks),
    }));
    return { result, notRun, isStale };
  };
  let deployed: Promise<unknown> = Promise.resolve();
  return (job) => {
    if (job.subject.target.definition.kind === "command") return run(job);
    // A deployed service exists only once, so its scenarios run in sequence.
    const mine = deployed.then(() => run(job));
    deployed = mine.catch(() => {});
    return mine;
  };
}

/** The capability that a target lacks, and how to configure it. */
function whyLacking(backend: Backend, target: Target, lacked: Capability): string {
  const remedy = backend.remedy(target, lacked);
  const how = remedy === null ? "" : `: ${remedy}`;
  return `the target lacks "${lacked}" on the ${backend.name} backend${how}`;
}

/** Whether a scenario ends the database server, and so needs its own one. */
function needsServer({ scenario }: Subject): boolean {
  return scenario.definition.needs.includes("database-restart");
}

function claimed(subject: Subject) {
  return { ...caseOf(subject), claim: subject.scenario.definition.claim };
}

function reproduceCommand(
  { scenario, target, variant }: CaseName,
  seed: number,
  flags = "",
): string {
  const names = `--target ${target} --variant ${variant ?? "plain"}`;
  const more = flags === "" ? "" : ` ${flags}`;
  return `npx threadproof run ${scenario} ${names}${more} --seed ${seed}`;
}
