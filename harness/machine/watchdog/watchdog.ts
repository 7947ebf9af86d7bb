import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Scratch } from "../scratch.ts";
import { livingProcess } from "./process-table.ts";
import type { EngineAddress } from "./remove-containers.ts";

const readyTimeoutMs = 10_000;
/** Longer than the watchdog's own bound for ending what is left. */
const doneTimeoutMs = 30_000;

/** What the watchdog is told on its command line. */
export interface WatchdogOrder {
  /** The marker is `THREADPROOF_RUN=<run>`. */
  readonly run: string;
  /** The pid of the process that is watched. */
  readonly harness: number;
  /** Removed, with all that is in them, as the last thing that it does. */
  readonly folders: readonly string[];
  /** The harness is a script of npm (or pnpm, yarn): the processes up to that are watched too. */
  readonly belowNpm: boolean;
}

/**
 * A process of its own that ends all that the run started once the harness is gone, however it
 * went. On dispose it verifies that nothing is left, removes the scratch folder, and ends too.
 */
export interface Watchdog extends AsyncDisposable {
  readonly pid: number;
  /**
   * The marker: belongs into the environment of everything that the run starts. After dispose it
   * throws: what was started then, nobody would end.
   */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Names a child of this process, right after it was started. The marker alone does not find a
   * process of another user where root may not trace (in a container), nor one that wrote over its
   * environment. The child's descendants, and its group where it leads one, are found with it.
   */
  adopt(pid: number | undefined): void;
  /** Names an engine on which containers with the label `threadproof.run=<run>` may be. */
  reap(engine: EngineAddress): void;
  /** After dispose: what was still there, and was ended: "4711 node". Empty in a sound run. */
  readonly leftovers: readonly string[];
}

/** @throws Error when the watchdog does not start; without one nothing may be started. */
export async function startWatchdog(options: {
  runId: string;
  scratch: Pick<Scratch, "roots">;
}): Promise<Watchdog> {
  const { runId, scratch } = options;
  if (!/^[\w-]+$/.test(runId)) throw new Error(`run id "${runId}" must be letters and digits`);
  const order: WatchdogOrder = {
    run: runId,
    harness: process.pid,
    folders: scratch.roots,
    belowNpm: process.env.npm_lifecycle_event !== undefined,
  };
  const { child, ended } = await spawnWatchdog(order);
  // What comes after "ready" is the last word: it is read from here on.
  const lastWord = text(child.stdout);
  const handles = [child, child.stdin, child.stdout] as unknown as { ref(): void; unref(): void }[];
  // The harness may end without a dispose (an exception): the watchdog must not keep it alive.
  for (const handle of handles) handle.unref();

  let leftovers: readonly string[] = [];
  let disposed: Promise<void> | null = null;
  async function dispose(): Promise<void> {
    for (const handle of handles) handle.ref();
    // The end of the pipe says "the harness is done", as its death would have done.
    child.stdin.end();
    const word = await within(doneTimeoutMs, lastWord, `the watchdog (pid ${child.pid}) hangs`);
    if (word === "") {
      throw new Error(
        `the watchdog (pid ${child.pid}) ended before the run, so nobody looked for ` +
          `what is left: look for processes with THREADPROOF_RUN=${runId} ` +
          `and for ${scratch.roots.join(", ")}`,
      );
    }
    leftovers = JSON.parse(word) as string[];
    await ended;
  }
  const tell = (line: string | null): void => {
    if (line !== null && child.stdin.writable) child.stdin.write(`${line}\n`);
  };
  return {
    pid: child.pid ?? 0,
    get environment() {
      if (disposed !== null) throw new Error("the run is over: nothing is started any more");
      return { THREADPROOF_RUN: runId };
    },
    adopt: (pid) => tell(pid === undefined ? null : `adopt ${nameOf(pid)}`),
    reap: (engine) => tell(`reap ${JSON.stringify(engine)}`),
    get leftovers() {
      return leftovers;
    },
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };
}

/** Pid and start time. To ask ps for each child costs too much: there its parent has to tell. */
function nameOf(pid: number): string {
  const started = process.platform === "linux" ? livingProcess(pid)?.started : undefined;
  return `${pid} ${started ?? ""}`;
}

async function within<T>(ms: number, promise: Promise<T>, otherwise: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${otherwise} for ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts it, and waits until it says that it watches. */
async function spawnWatchdog(order: WatchdogOrder) {
  // .ts in the repository, .js in the package: the sibling has the ending of this file.
  const file = fileURLToPath(import.meta.url).replace(/watchdog(\.\w+)$/, "watchdog-process$1");
  const child = spawn(process.execPath, [file, JSON.stringify(order)], {
    // Its own session: neither ctrl-c nor the end of the terminal reaches it.
    detached: true,
    cwd: "/",
    // Nothing of ours: no marker (it would end itself), no NODE_OPTIONS (an --inspect would take
    // the port). Its standard error is not ours either, or a `| tee` would wait for it.
    env: { PATH: process.env.PATH },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  ended.catch(() => {});
  child.stdin.on("error", () => {}); // it was killed: dispose says so
  try {
    const ready = once(child.stdout, "data", { signal: AbortSignal.timeout(readyTimeoutMs) });
    await Promise.race([ready, ended.then(() => Promise.reject(new Error("it ended at once")))]);
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error("the watchdog did not start, so nothing was started: run it again", { cause });
  }
  return { child, ended };
}
