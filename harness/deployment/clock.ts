import { globSync, rmSync } from "node:fs";
import type { Environment } from "./replica.ts";
import { setDateAhead } from "./clock-preload.ts";

/** Where packages put it: Debian and Ubuntu, Fedora and Arch, and what is built by hand. */
const usualPlaces: readonly string[] = [
  "/usr/lib/*/faketime",
  "/usr/lib{,64}/faketime",
  "/usr/local/lib/faketime",
];

/** The library that answers a process with another time; null: it is not installed. */
export function libfaketime(places: readonly string[] = usualPlaces): string | null {
  // The one for programs with threads.
  return globSync(places.map((it) => `${it}/libfaketimeMT.so.1`))[0] ?? null;
}

/** The library keeps something in shared memory, and a process that is killed leaves it there. */
export function removeTracesOf(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
    rmSync(`/dev/shm/${name}`, { force: true });
  }
}

/**
 * The environment of a process whose clock is ahead, while that of the machine stays as it is: by
 * `library`, or without one, for Node alone, by what is run before its own code. `own`: what the
 * process has in its environment anyway.
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
      // Time-outs are no clock.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }
  const code = `import http from "node:http"; (${setDateAhead.toString()})(http, ${aheadMs});`;
  const preload = `--import=data:text/javascript,${encodeURIComponent(code)}`;
  return { NODE_OPTIONS: [own["NODE_OPTIONS"], preload].filter(Boolean).join(" ") };
}
