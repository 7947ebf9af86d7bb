import { type BackendName, backendNames } from "../deployment/backends.ts";

/** One property of this computer. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Backends that cannot run without it; empty: a run is only slower, or a report poorer. */
  readonly needed: readonly BackendName[];
  /** What was found; if it is not ok, also what to do about it. */
  readonly says: string;
}

/** Which backends can run, as far as these checks can tell. */
export function runnable(checks: readonly Check[]): Record<BackendName, boolean> {
  const runs = (name: BackendName): boolean =>
    checks.every(({ ok, needed }) => ok || !needed.includes(name));
  const all = backendNames.map((name) => [name, runs(name)] as const);
  return Object.fromEntries(all) as Record<BackendName, boolean>;
}
