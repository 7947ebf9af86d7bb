import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { environmentPath } from "./process/launch.ts";
import { Output } from "../machine/output.ts";
import type { CommandTarget } from "../config/configuration.ts";
import type { Watchdog } from "../machine/watchdog/watchdog.ts";

export interface BuildsOptions {
  /** Of the configuration. */
  readonly folder: string;
  readonly watchdog: Pick<Watchdog, "environment" | "adopt">;
  /** Told of each as it begins. */
  readonly onBuild?: (command: string) => void;
  readonly withinMs?: number;
}

/** Long enough for a first `npm ci` and a compiler on a slow machine, in milliseconds. */
const longestMs = 600_000;

/** What targets have to have built before anything of them is started: once per run. */
export class Builds {
  readonly #options: BuildsOptions;
  readonly #built = new Map<string, Promise<void>>();

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  /** Resolves once it is built. @throws Error with the last words of a build that failed. */
  of({ build, folder }: CommandTarget): Promise<void> {
    if (build === undefined) return Promise.resolve();
    const where = resolve(this.#options.folder, folder);
    const key = JSON.stringify([where, build]);
    const building = this.#built.get(key) ?? this.#run(build, where);
    this.#built.set(key, building);
    return building;
  }

  /** In a shell, as `npm run` does it. */
  async #run(build: string, cwd: string): Promise<void> {
    const { watchdog, onBuild, withinMs = longestMs } = this.#options;
    onBuild?.(build);
    const output = new Output();
    const child = spawn("sh", ["-c", build], {
      cwd,
      env: { ...process.env, PATH: environmentPath, ...watchdog.environment },
      // A group of its own: a compiler has workers, which end with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    watchdog.adopt(child.pid);
    output.read(child.stdout);
    output.read(child.stderr);
    const { promise: ended, resolve: end } = Promise.withResolvers<string | null>();
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      end(`was not over after ${withinMs} ms`);
    }, withinMs);
    child.once("error", (error) => end(`cannot be run: ${error.message}`));
    child.once("close", (code, signal) => end(code === 0 ? null : `ended with ${code ?? signal}`));
    const how = await ended;
    clearTimeout(timer);
    if (how === null) return;
    const words = output.lastWords;
    throw new Error(`the build "${build}" in ${cwd} ${how}${words === "" ? "" : `: ${words}`}`);
  }
}
