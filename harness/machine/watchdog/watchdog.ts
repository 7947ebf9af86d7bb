import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Scratch } from "../scratch.ts";
import { livingProcess } from "./process-table.ts";
import type { EngineAddress } from "./remove-containers.ts";

const readyTimeoutMs = 10_000;
/** Longer than the watchdog's own limit for its clean-up. */
const doneTimeoutMs = 30_000;

/** The watchdog's input, as JSON on its command line. */
export interface WatchdogOrder {
  /** The marker is `THREADPROOF_RUN=<run>`. */
  readonly run: string;
  /** The pid of the watched process. */
  readonly harness: number;
  /** The watchdog removes these folders last. */
  readonly folders: readonly string[];
  /** True: npm, pnpm or yarn runs the harness, so the processes up to it are watched too. */
  readonly belowNpm: boolean;
}

/**
 * A separate process that ends everything the run started once the harness is gone, for whatever
 * reason. On dispose it ends what is left, removes the scratch folder, and ends itself.
 */
export interface Watchdog extends AsyncDisposable {
  readonly pid: number;
  /**
   * The marker for the environment of every process that the run starts.
   * @throws Error after dispose, because the watchdog would not end that process.
   */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Reports a child of this process, right after its start. Its descendants and its process group
   * are found with it. The marker does not find a process that overwrote its environment, nor one
   * of another user if root cannot trace (in a container).
   */
  adopt(pid: number | undefined): void;
  /** Reports an engine that may run containers with the label `threadproof.run=<run>`. */
  reap(engine: EngineAddress): void;
  /** After dispose: what the watchdog had to end: "4711 node". Empty after a clean run. */
  readonly leftovers: readonly string[];
}

/** @throws Error if the watchdog does not start; without it the run must start nothing. */
export async function startWatchdog(options: {
  runId: string;
  scratch: Pick<Scratch, "roots">;
}): Promise<Watchdog> {
  const { runId, scratch } = options;
  if (!/^[\w-]+$/.test(runId)) throw new Error(`run id "${runId}": use only letters and digits`);
  const order: WatchdogOrder = {
    run: runId,
    harness: process.pid,
    folders: scratch.roots,
    belowNpm: process.env.npm_lifecycle_event !== undefined,
  };
  const { child, ended } = await spawnWatchdog(order);
  // After "ready" the watchdog prints one more text, its leftovers.
  const lastText = text(child.stdout);
  const handles = [child, child.stdin, child.stdout] as unknown as { ref(): void; unref(): void }[];
  // The harness may end by an exception, without dispose: the watchdog must not keep it alive.
  for (const handle of handles) handle.unref();

  let leftovers: readonly string[] = [];
  let disposed: Promise<void> | null = null;
  async function dispose(): Promise<void> {
    for (const handle of handles) handle.ref();
    // The watchdog sees the same end of the pipe as after a death of the harness.
    child.stdin.end();
    const printed = await within(doneTimeoutMs, lastText, `the watchdog (pid ${child.pid}) hangs`);
    if (printed === "") {
      throw new Error(
        `the watchdog (pid ${child.pid}) ended before the run, so leftovers were not removed: ` +
          `look for processes with THREADPROOF_RUN=${runId} ` +
          `and for ${scratch.roots.join(", ")}`,
      );
    }
    leftovers = JSON.parse(printed) as string[];
    await ended;
  }
  const send = (line: string | null): void => {
    if (line !== null && child.stdin.writable) child.stdin.write(`${line}\n`);
  };
  return {
    pid: child.pid ?? 0,
    get environment() {
      if (disposed !== null) throw new Error("the run is over, so no process is started");
      return { THREADPROOF_RUN: runId };
    },
    adopt: (pid) => send(pid === undefined ? null : `adopt ${nameOf(pid)}`),
    reap: (engine) => send(`reap ${JSON.stringify(engine)}`),
    get leftovers() {
      return leftovers;
    },
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };
}

/** Pid and start time. Only on Linux: a call of ps per child is too slow, so its parent decides. */
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

/** Starts the watchdog's process and waits until it prints "ready". */
async function spawnWatchdog(order: WatchdogOrder) {
  // .ts in the repository, .js in the package: the sibling has the extension of this file.
  const file = fileURLToPath(import.meta.url).replace(/watchdog(\.\w+)$/, "watchdog-process$1");
  const child = spawn(process.execPath, [file, JSON.stringify(order)], {
    // A new session: neither ctrl-c nor a closed terminal reaches it.
    detached: true,
    cwd: "/",
    // No marker, or it would end itself. No NODE_OPTIONS: --inspect would take the port. It does
    // not inherit standard error, or `| tee` would wait for it.
    env: { PATH: process.env.PATH },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  ended.catch(() => {});
  child.stdin.on("error", () => {}); // if it was killed, dispose reports that
  try {
    const ready = once(child.stdout, "data", { signal: AbortSignal.timeout(readyTimeoutMs) });
    await Promise.race([ready, ended.then(() => Promise.reject(new Error("it ended at once")))]);
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error("the watchdog did not start, so nothing was started: run again", { cause });
  }
  return { child, ended };
}
