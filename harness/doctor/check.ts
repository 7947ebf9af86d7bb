export const backends = ["process", "docker"] as const;
export type BackendName = (typeof backends)[number];

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Backends that cannot run without it; none: it makes a run slower, or a report poorer. */
  readonly needed: readonly BackendName[];
  /** What was found; where it is not ok, what to do about it, in the same sentence. */
  readonly says: string;
}

/** Which backends can run, as far as these checks can tell. */
export function runnable(checks: readonly Check[]): Record<BackendName, boolean> {
  const runs = (name: BackendName): boolean =>
    checks.every(({ ok, needed }) => ok || !needed.includes(name));
  return { process: runs("process"), docker: runs("docker") };
}
