import { type ExperimentName, formatExperiment } from "./experiment.ts";

/** A service under test: a target, or a variant of it. */
export interface ServiceName {
  readonly target: string;
  /** Null: the target without changes. */
  readonly variant: string | null;
}

/** A scenario and the service it runs on. Results and headers have these fields. */
export interface CaseName extends ServiceName {
  readonly scenario: string;
}

/** "reference" or "reference/memory-saver". */
export function formatService({ target, variant }: ServiceName): string {
  return variant === null ? target : `${target}/${variant}`;
}

/** "round-robin/reference" or "round-robin/reference/memory-saver". */
export function formatCase(name: CaseName): string {
  return `${name.scenario}/${formatService(name)}`;
}

interface RunOfCase {
  /** Null: the run itself, not a repetition after a violation. */
  readonly experiment: ExperimentName | null;
  /** Counts the runs of a case, from 0. */
  readonly round: number;
}

/** A run name that is unique in the suite: "restart/reference/plain/one-replica/2". */
export function formatRun(name: CaseName, { experiment, round }: RunOfCase): string {
  const parts = [name.scenario, name.target, name.variant ?? "plain"];
  if (experiment !== null) parts.push(formatExperiment(experiment));
  if (round > 0) parts.push(String(round + 1));
  return parts.join("/");
}

/** Whether `typed` selects this case: the scenario, optionally with target and variant. */
export function isNamed(name: CaseName, typed: string): boolean {
  const { scenario, target } = name;
  const variant = name.variant ?? "plain";
  const forms = [[], [variant], [target], [target, variant]];
  return forms.some((rest) => [scenario, ...rest].join("/") === typed);
}
