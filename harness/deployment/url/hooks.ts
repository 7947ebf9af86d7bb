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

/** Those that end or cut off something: they are run only where that is allowed. */
export const destructiveHooks = ["kill", "pause", "redeploy", "cutDatabase"] as const;

/**
 * A hook has not done what it stands for, or what is there for us to look at cannot be looked at.
 * That is no failure of the service, so nothing is judged.
 */
export class HookFailed extends Error {}

/** The failure of a hook that an error is, or that a block met on its way out. Else throws it. */
export function hookFailedIn(error: unknown): HookFailed {
  let inner = error;
  while (inner instanceof SuppressedError) inner = inner.suppressed;
  if (inner instanceof HookFailed) return inner;
  if (error instanceof SuppressedError && error.error instanceof HookFailed) return error.error;
  throw error;
}

export interface HooksOptions {
  /** Where commands are run: the folder of the configuration. */
  readonly folder: string;
  /** For what commands print. */
  readonly scratch: string;
  /** Hosts besides this machine that may be spoken with. */
  readonly allow: readonly string[];
}

type ShellHook = Extract<Hook, { run: string }>;
type Request = Exclude<Hook, string | ShellHook>;

/** What the owner of a deployed target lets us do to it. */
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
   * Runs a hook to its end, and answers with what it said last. `replica`: null for one that is
   * about all of them.
   * @throws HookFailed in one sentence.
   */
  async run(name: HookName, replica: string | null): Promise<readonly string[]> {
    const hook = this.#hooks[name];
    const title = `hooks.${name}${replica === null ? "" : ` of replica ${replica}`}`;
    if (hook === undefined) throw new HookFailed(`${title} is not there: give it`);
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

  /** The first command that no shell understands, and why; null: there is none. None is run. */
  misspelled(replica: string): string | null {
    for (const [name, hook] of Object.entries(this.#hooks)) {
      if (hook === undefined || (typeof hook !== "string" && !("run" in hook))) continue;
      const line = fillText(typeof hook === "string" ? hook : hook.run, { replica });
      const { status, stderr } = spawnSync("sh", ["-n", "-c", line], { encoding: "utf8" });
      if (status !== 0) return `hooks.${name} is no command of a shell: ${stderr.trim()}`;
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
        // Where it would lead to nobody has allowed.
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
    throw new Error(`answered ${answer.status}: ${output.lastWords}`);
  }

  async #shell(hook: ShellHook, names: Readonly<Record<string, string>>) {
    // Neither ctrl-c nor the end of the run may end what a hook starts: it is the service. So it
    // does not carry the mark by which the watchdog finds the processes of the run.
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

/** "fetch failed" says nothing: what it is about is its cause. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermost(error.cause);
}
