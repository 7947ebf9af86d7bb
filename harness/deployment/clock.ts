import { globSync, rmSync } from "node:fs";
import type { Environment } from "./replica.ts";
import { setDateAhead } from "./clock-preload.ts";

/** The paths of packages: Debian and Ubuntu, Fedora and Arch, and a manual build. */
const usualPlaces: readonly string[] = [
  "/usr/lib/*/faketime",
  "/usr/lib{,64}/faketime",
  "/usr/local/lib/faketime",
];

/** The libfaketime library for a process with another time; null: it is not installed. */
export function libfaketime(places: readonly string[] = usualPlaces): string | null {
  // The variant for multi-threaded programs.
  return globSync(places.map((it) => `${it}/libfaketimeMT.so.1`))[0] ?? null;
}

/** Files that the library leaves in shared memory when its process is killed. */
export function removeTracesOf(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
    rmSync(`/dev/shm/${name}`, { force: true });
  }
}

/**
 * The environment of a process whose clock is ahead of the machine's: by `library`, or without one,
 * for Node only, by a preload. `own`: the rest of the process's environment.
 */
export function clockEnvironment(
  aheadMs: number,
  library: string | null,
  own: Readonly<Record<string, string | undefined>>,
): Environment {
  if (aheadMs === 0) return {};
  if (library !== null) {
    return {
      LD_PRELOAD: [own["LD_PRELOAD"], library].filter(Boolean).join(" "),
      FAKETIME: `+${aheadMs / 1_000}s`,
      // Timeouts must not change.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }
  const code = `import http from "node:http"; (${setDateAhead.toString()})(http, ${aheadMs});`;
  const preload = `--import=data:text/javascript,${encodeURIComponent(code)}`;
  return { NODE_OPTIONS: [own["NODE_OPTIONS"], preload].filter(Boolean).join(" ") };
}
