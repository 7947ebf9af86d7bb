import { type BackendName, backendNames } from "../deployment/backends.ts";

/** Result of checking one property of this computer. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Backends that need it. Empty: without it runs are slower or reports have less detail. */
  readonly needed: readonly BackendName[];
  /** The observation and, if the check failed, the remedy. */
  readonly says: string;
}

/** Whether each backend can run, according to these checks. */
export function runnable(checks: readonly Check[]): Record<BackendName, boolean> {
  const runs = (name: BackendName): boolean =>
    checks.every(({ ok, needed }) => ok || !needed.includes(name));
  const all = backendNames.map((name) => [name, runs(name)] as const);
  return Object.fromEntries(all) as Record<BackendName, boolean>;
}
