import { alwaysJudged } from "../checkers/always-judged.ts";
import type { Backend } from "../deployment/backend.ts";
import type { Environment } from "../deployment/replica.ts";
import { type CaseName, formatRun } from "../history/case-name.ts";
import type { ExperimentName } from "../history/experiment.ts";
import type { History } from "../history/history.ts";
import type { Capability } from "../history/capability.ts";
import type { Header } from "../history/header.ts";
import { HookFailed, hookFailedIn } from "../deployment/url/hooks.ts";
import type { Database } from "../machine/postgres/database.ts";
import type { DatabaseServer } from "../machine/postgres/postgres-server.ts";
import { playPhases } from "./phases.ts";
import { withProgressDeadline } from "./progress-deadline.ts";
import { random } from "../history/random.ts";
import { type HistoryFile, Recording } from "../history/recording.ts";
import type { Scenario } from "./scenario.ts";
import type { Secrets } from "../history/secrets.ts";
import { openStage, type StageOptions } from "./stage.ts";
import { type Target, type Variant, variedBy } from "../config/configuration.ts";
import type { Checker, Figure, Verdict } from "../checkers/verdict.ts";

/** The subject of a test: a scenario on a target, or on a variant of it. */
export interface Subject {
  readonly scenario: { readonly name: string; readonly definition: Scenario };
  readonly target: { readonly name: string; readonly definition: Target };
  readonly variant: { readonly name: string; readonly definition: Variant } | null;
}

export function caseOf({ scenario, target, variant }: Subject): CaseName {
  return { scenario: scenario.name, target: target.name, variant: variant?.name ?? null };
}

export interface RunOptions {
  readonly backend: Backend;
  readonly seed: number;
  /** Counts the repetitions of the same subject, from 0. */
  readonly round: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly openDatabase: (of: "template" | "nothing") => Promise<Database>;
  /** The database server of this run alone; null: the databases are on a shared server. */
  readonly server: DatabaseServer | null;
  readonly historyFile: HistoryFile | null;
  /** Values that the history must not show. The values that logins return are added. */
  readonly secrets?: Secrets;
}

/** The judgement of one checker on a history. */
export interface Judgement {
  readonly checker: string;
  readonly verdict: Verdict;
  /** The values that it measured. */
  readonly figures: readonly Figure[];
}

/** A repetition of a violated run. */
export interface Repetition {
  /** Null: nothing differs. */
  readonly experiment?: ExperimentName | null;
  /** The longest time from the first turn on, in milliseconds. */
  readonly atMostMs?: number;
}

/** The history of a scenario that ran, and the verdict of each checker. */
export interface ScenarioReport {
  readonly history: Recording;
  /** Why the run was not completed; null: it was. */
  readonly stuck: string | HookFailed | null;
  /** In the scenario's order; `faults-bit` is always the last. */
  readonly judgements: readonly Judgement[];
  /** Checkers that need a capability which the target lacks. */
  readonly notApplicable: readonly { readonly checker: string; readonly lacks: Capability }[];
  readonly durationMs: number;
}

/** The first capability that a subject lacks; null: it can run. */
export function lacking(subject: Subject, backend: Backend): Capability | null {
  const has = backend.capabilities(subject.target.definition);
  return subject.scenario.definition.needs.find((need) => !has.includes(need)) ?? null;
}

/**
 * Runs a scenario and judges it. A scenario that does not need several replicas gets one.
 * `experiment`: what to change. Throws only if the harness itself failed.
 */
export async function runScenario(
  subject: Subject,
  options: RunOptions,
  { experiment = null, atMostMs = Infinity }: Repetition = {},
): Promise<ScenarioReport> {
  const began = performance.now();
  const recording = new Recording(
    headerOf(subject, options, experiment),
    options.historyFile,
    options.secrets,
  );
  const stuck = await play(subject, options, recording, atMostMs);
  return {
    ...{ history: recording, stuck, durationMs: performance.now() - began },
    ...judgeAll(recording, subject.scenario.definition, stuck),
  };
}

/** The verdicts of all checkers. `stuck`: why the run was not completed, or null. */
export function judgeAll(
  history: History,
  { checks }: Scenario,
  stuck: string | HookFailed | null,
): Pick<ScenarioReport, "judgements" | "notApplicable"> {
  // If a hook failed half-way the history proves nothing, so no checker runs.
  const judgements = stuck instanceof HookFailed ? [] : judge(history, checks);
  if (stuck !== null) {
    // It comes first because it explains the gaps that the checkers find.
    judgements.unshift({
      checker: "faults-bit",
      verdict: { kind: "inconclusive", because: typeof stuck === "string" ? stuck : stuck.message },
      figures: [],
    });
  }
  // Built-in checkers that do not apply are not listed for every scenario.
  const notApplicable = checks.flatMap((checker) => {
    const lack = lackedBy(checker, history);
    return lack === null ? [] : [{ checker: checker.name, lacks: lack }];
  });
  return { judgements, notApplicable };
}

/** The verdicts of a scenario's checkers and of the checkers that judge every scenario. */
export function judge(history: History, checks: readonly Checker[]): Judgement[] {
  return [...new Set([...checks, ...alwaysJudged])]
    .filter((checker) => lackedBy(checker, history) === null)
    .map((checker) => ({
      checker: checker.name,
      verdict: checker.judge(history),
      figures: checker.measure?.(history) ?? [],
    }));
}

function lackedBy({ needs }: Checker, { header }: History): Capability | null {
  return needs.find((need) => !header.capabilities.includes(need)) ?? null;
}

/** Whether a violation can be repeated with fewer replicas. */
function needsReplicas({ scenario }: Subject): boolean {
  return scenario.definition.needs.includes("replicas");
}

/** The facts of a run that are known before it begins. */
export function headerOf(
  subject: Subject,
  options: RunOptions,
  experiment: ExperimentName | null = null,
): Header {
  const { target } = subject;
  const all = options.backend.replicas(target.definition);
  const several = needsReplicas(subject) && experiment !== "one replica";
  const replicas = several ? all : all.slice(0, 1);
  const name = caseOf(subject);
  return {
    schemaVersion: 2,
    run: formatRun(name, { experiment, round: options.round }),
    ...name,
    backend: options.backend.name,
    seed: options.seed,
    replicas,
    capabilities: options.backend.capabilities(target.definition),
    promises: target.definition.promises,
    assumed: target.definition.assumed,
    versions: options.versions,
    startedAt: new Date().toISOString(),
    experiment,
  };
}

/**
 * Plays a scenario into a recording. Returns why the run was not completed, or null. A failed hook
 * is a failure neither of the service nor of the harness.
 */
async function play(
  subject: Subject,
  options: RunOptions,
  recording: Recording,
  atMostMs: number,
): Promise<string | HookFailed | null> {
  await using stage = await openStage(stageOptionsOf(subject, options, recording));
  const played = playPhases(subject.scenario.definition, stage).catch(hookFailedIn);
  // Awaited here: otherwise the deployment would be disposed at once.
  return await withProgressDeadline(played, recording, { atMostMs });
}

/** The options of a subject's stage. */
export function stageOptionsOf(
  { scenario, target, variant }: Subject,
  { backend, seed, openDatabase, server }: RunOptions,
  recording: Recording,
): StageOptions {
  return {
    ...{ backend, recording, openDatabase, server },
    target: variedBy(target.definition, variant),
    environment: { ...environmentIn(scenario.name, target), ...variant?.definition.env },
    random: random(seed).fork(scenario.name),
    isWatched: scenario.definition.needs.includes("statements"),
  };
}

function environmentIn(scenario: string, { definition }: Subject["target"]): Environment {
  return definition.kind === "command" ? (definition.envIn[scenario] ?? {}) : {};
}
