import { resolve } from "node:path";
import { environmentPath } from "./process/launch.ts";
import { describeFailure, runCommand } from "../machine/command.ts";
import type { CommandTarget } from "../config/configuration.ts";
import type { Watchdog } from "../machine/watchdog/watchdog.ts";

export interface BuildsOptions {
  /** The folder of the configuration. */
  readonly folder: string;
  readonly scratch: string;
  readonly watchdog: Pick<Watchdog, "environment" | "adopt">;
  /** Called when a build begins. */
  readonly onBuild?: (command: string) => void;
  readonly withinMs?: number;
}

/** Long enough for a first `npm ci` and a compiler on a slow machine, in milliseconds. */
const longestMs = 600_000;

/** Runs the build command of each target before its first replica starts, once per run. */
export class Builds {
  readonly #options: BuildsOptions;
  readonly #built = new Map<string, Promise<void>>();

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  /** Resolves once the target is built. @throws Error with the last output of a failed build. */
  of({ build, folder }: CommandTarget): Promise<void> {
    if (build === undefined) return Promise.resolve();
    const where = resolve(this.#options.folder, folder);
    const key = JSON.stringify([where, build]);
    const building = this.#built.get(key) ?? this.#run(build, where);
    this.#built.set(key, building);
    return building;
  }

  /** In a shell, as `npm run` does. */
  async #run(build: string, cwd: string): Promise<void> {
    const { watchdog, scratch, onBuild, withinMs = longestMs } = this.#options;
    onBuild?.(build);
    const { failure, output } = await runCommand({
      file: "sh",
      args: ["-c", build],
      cwd,
      env: { ...process.env, PATH: environmentPath, ...watchdog.environment },
      scratch,
      withinMs,
      onStart: watchdog.adopt,
    });
    if (failure === null) return;
    throw new Error(`the build "${build}" in ${cwd} ${describeFailure(failure, output)}`);
  }
}
