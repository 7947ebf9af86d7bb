/** A service under test: a target, or a variant of it. */
export interface ServiceName {
  readonly target: string;
  /** Null: the target as it is. */
  readonly variant: string | null;
}

/** A scenario on a service: what one run is of. Results and headers have these fields. */
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
  /** The control: with a single replica. */
  readonly alone: boolean;
  /** Counts the runs of a case, from 0. */
  readonly round: number;
}

/** A name that no other run of the suite has: "restart/reference/plain/alone/2". */
export function formatRun(name: CaseName, { alone, round }: RunOfCase): string {
  const parts = [name.scenario, name.target, name.variant ?? "plain"];
  if (alone) parts.push("alone");
  if (round > 0) parts.push(String(round + 1));
  return parts.join("/");
}

/** Whether a user who types `typed` means this case: a scenario alone, or with what follows it. */
export function isNamed(name: CaseName, typed: string): boolean {
  const { scenario, target } = name;
  const variant = name.variant ?? "plain";
  const forms = [[], [variant], [target], [target, variant]];
  return forms.some((rest) => [scenario, ...rest].join("/") === typed);
}
