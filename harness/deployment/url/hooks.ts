import { spawnSync } from "node:child_process";
import { distrustIn } from "../../machine/certificate.ts";
import { describeFailure, runCommand } from "../../machine/command.ts";
import { Output } from "../../machine/output.ts";
import type { UrlTarget } from "../../config/configuration.ts";
import { fill, fillText } from "../../config/template.ts";
import { foreignHost } from "../../config/allowed-hosts.ts";
import { methodAndPath } from "../../config/request.ts";
import type { Hook } from "../../config/url-target.ts";

export type HookName = keyof UrlTarget["hooks"];

/** Hooks that end or cut off something: they run only if the user allows it. */
export const destructiveHooks = ["kill", "pause", "redeploy", "cutDatabase"] as const;

/**
 * A hook failed or had no effect, or the configured database cannot be queried. The service is not
 * to blame, so no checker runs.
 */
export class HookFailed extends Error {}

/** The HookFailed that an error is or contains (a block met it on its way out); else rethrows. */
export function hookFailedIn(error: unknown): HookFailed {
  let inner = error;
  while (inner instanceof SuppressedError) inner = inner.suppressed;
  if (inner instanceof HookFailed) return inner;
  if (error instanceof SuppressedError && error.error instanceof HookFailed) return error.error;
  throw error;
}

export interface HooksOptions {
  /** The folder in which commands run: that of the configuration. */
  readonly folder: string;
  /** Receives the output of commands. */
  readonly scratch: string;
  /** Hosts besides this machine that hooks may contact. */
  readonly allow: readonly string[];
}

type ShellHook = Extract<Hook, { run: string }>;
type Request = Exclude<Hook, string | ShellHook>;

/** The actions on a deployed service that its owner configured. */
export class Hooks {
  readonly #hooks: UrlTarget["hooks"];
  readonly #options: HooksOptions;

  constructor(hooks: UrlTarget["hooks"], options: HooksOptions) {
    this.#hooks = hooks;
    this.#options = options;
  }

  has(name: HookName): boolean {
    return this.#hooks[name] !== undefined;
  }

  /**
   * Runs a hook to its end, and resolves with its last lines of output. `replica`: null for a hook
   * that concerns all replicas.
   * @throws HookFailed in one sentence.
   */
  async run(name: HookName, replica: string | null): Promise<readonly string[]> {
    const hook = this.#hooks[name];
    const title = `hooks.${name}${replica === null ? "" : ` of replica ${replica}`}`;
    if (hook === undefined) throw new HookFailed(`${title} is missing: configure it`);
    const names = { replica: replica ?? "" };
    try {
      if (typeof hook !== "string" && !("run" in hook)) return await this.#ask(hook, names);
      const shell = typeof hook === "string" ? { run: hook, env: {}, withinMs: 60_000 } : hook;
      return await this.#shell(shell, names);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new HookFailed(`${title} ${why}`, { cause });
    }
  }

  /** The first command with a syntax error, and the error; null: none. Runs no command. */
  misspelled(replica: string): string | null {
    for (const [name, hook] of Object.entries(this.#hooks)) {
      if (hook === undefined || (typeof hook !== "string" && !("run" in hook))) continue;
      const line = fillText(typeof hook === "string" ? hook : hook.run, { replica });
      const { status, stderr } = spawnSync("sh", ["-n", "-c", line], { encoding: "utf8" });
      if (status !== 0) return `hooks.${name} is not a valid shell command: ${stderr.trim()}`;
    }
    return null;
  }

  async #ask(hook: Request, names: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const { method, path } = methodAndPath(hook);
    const address = fillText(path, names);
    const foreign = foreignHost(address, this.#options.allow);
    if (foreign !== null) throw new Error(foreign);
    const json = hook.json === undefined ? null : JSON.stringify(fill(hook.json, names));
    const form = hook.form === undefined ? null : new URLSearchParams(filled(hook.form, names));
    const text = hook.text === undefined ? null : fillText(hook.text, names);
    let answer: Response;
    try {
      answer = await fetch(address, {
        method,
        headers: {
          ...(json === null ? {} : { "content-type": "application/json" }),
          ...filled(hook.headers, names),
        },
        body: json ?? form ?? text,
        // Do not follow redirects: the host may not be in `allow`.
        redirect: "manual",
        signal: AbortSignal.timeout(hook.withinMs),
      });
    } catch (cause) {
      const distrust = distrustIn(cause);
      if (distrust !== null) throw new Error(`was answered ${distrust}`, { cause });
      throw new Error(`had no answer within ${hook.withinMs} ms: ${innermost(cause)}`, { cause });
    }
    const output = new Output();
    for (const line of (await answer.text()).slice(0, 20_000).split("\n")) output.add(line);
    if (answer.status < 300) return output.lastLines;
    throw new Error(`answered ${answer.status}: ${output.excerpt}`);
  }

  async #shell(hook: ShellHook, names: Readonly<Record<string, string>>) {
    // A hook may start the service, which must survive ctrl-c and the end of the run. So it does
    // not carry the mark by which the watchdog finds the run's processes.
    const { failure, output } = await runCommand({
      file: "sh",
      args: ["-c", fillText(hook.run, names)],
      cwd: this.#options.folder,
      env: { ...process.env, REPLICA: names["replica"], ...filled(hook.env, names) },
      scratch: this.#options.scratch,
      withinMs: hook.withinMs,
    });
    if (failure === null) return output.lastLines;
    throw new Error(describeFailure(failure, output));
  }
}

function filled(
  given: Readonly<Record<string, string>>,
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, fillText(value, names)]),
  );
}

/** The innermost cause: "fetch failed" alone explains nothing. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermost(error.cause);
}
