import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { distrustIn } from "../../machine/certificate.ts";
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
    // Into a file: what a hook starts in the background must not end with a pipe of ours.
    const folder = mkdtempSync(join(this.#options.scratch, "hook-"));
    const file = join(folder, "output");
    const written = openSync(file, "w");
    try {
      const end = await ended(hook, fillText(hook.run, names), {
        cwd: this.#options.folder,
        env: { ...process.env, REPLICA: names["replica"], ...filled(hook.env, names) },
        // A group of its own, which neither ctrl-c nor our end reaches: what it has started is
        // the service, and stays. For the same reason it does not bear the mark of the run.
        detached: true,
        stdio: ["ignore", written, written],
      });
      const output = new Output();
      for (const line of tailOf(file).split("\n")) output.add(line);
      if (end === null) return output.lastLines;
      throw new Error(output.lastWords === "" ? end : `${end}: ${output.lastWords}`);
    } finally {
      closeSync(written);
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** How a command ended; null: well. */
function ended(
  { withinMs }: ShellHook,
  line: string,
  options: NonNullable<Parameters<typeof spawn>[2]>,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn("sh", ["-c", line], options);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      resolve(`was not over after ${withinMs} ms`);
    }, withinMs);
    const over = (how: string | null): void => {
      clearTimeout(timer);
      resolve(how);
    };
    child.once("error", (error) => over(`cannot be run: ${error.message}`));
    child.once("exit", (code, signal) => over(code === 0 ? null : `ended with ${code ?? signal}`));
  });
}

/** A hook may print a gigabyte. */
function tailOf(file: string): string {
  const { size } = statSync(file);
  const length = Math.min(size, 20_000);
  const tail = Buffer.alloc(length);
  const read = openSync(file, "r");
  try {
    readSync(read, tail, 0, length, size - length);
  } finally {
    closeSync(read);
  }
  return tail.toString();
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
