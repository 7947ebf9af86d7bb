import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Environment, Launch, Replica, Signal } from "../deployment.ts";
import type { Event } from "../history.ts";
import { methodAndPath } from "../target.ts";
import { launchProcess, type ProcessBackendOptions } from "./launch.ts";
import { Output } from "./output.ts";
import { probe, type Probed } from "./probe.ts";
import { stopped } from "./stopped.ts";

/**
 * Between two looks at a replica, in milliseconds: while it starts, while it runs, and once it was
 * told to end and should say so to its balancer.
 */
const startingPollMs = 15;
const runningPollMs = 1_000;
const endingPollMs = 50;

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  over: boolean;
  asked: boolean;
}

/** A replica as a child process, on a port of its own that it keeps. */
export class ProcessReplica implements Replica {
  readonly name: string;
  readonly url: URL;
  ready = false;
  readonly #launch: Launch;
  readonly #options: ProcessBackendOptions;
  readonly #port: number;
  #life: Life | null = null;
  #first: Environment | null = null;
  #watch: NodeJS.Timeout | null = null;
  #look: () => void = () => {};
  readonly #disposed = new AbortController();

  constructor(launch: Launch, options: ProcessBackendOptions, port: number) {
    this.#launch = launch;
    this.#options = options;
    this.#port = port;
    this.name = launch.name;
    this.url = new URL(`http://127.0.0.1:${port}`);
  }

  get running(): boolean {
    return this.#life !== null && !this.#life.over;
  }

  get pid(): number | null {
    return this.running ? (this.#life?.child.pid ?? null) : null;
  }

  async start(environment: Environment = {}, patienceMs = Infinity): Promise<boolean> {
    const { target, boot } = this.#launch;
    const began = performance.now();
    const output = new Output();
    const life = await this.#spawn(environment, output);
    this.#record({
      kind: "replica.start",
      replica: this.name,
      pid: life.child.pid ?? null,
      boot,
      changed: this.#first === null ? [] : changedNames(this.#first, life.filled),
    });
    this.#first ??= life.filled;
    let seen: Probed | null = null;
    let deadline = began + target.ready.withinMs;
    while (!life.over && performance.now() < deadline) {
      const look = await this.#probe(startingPollMs * 50);
      if (seen === null && look !== null) {
        deadline = Math.min(deadline, performance.now() + patienceMs);
      }
      seen = look ?? seen;
      // Who ended while it was looked at is not ready, whoever answered.
      if (seen?.status === target.ready.status && !life.over) {
        this.#becameReady(life, performance.now() - began);
        return true;
      }
      await delay(startingPollMs);
    }
    // What it said last, be it in a log or in the answer of its ready check.
    const why = [seen?.body ?? "", output.lastWords].filter(Boolean).join(" · ");
    this.#record({ kind: "replica.unready", replica: this.name, why });
    return false;
  }

  async signal(signal: Signal): Promise<void> {
    const life = this.#life;
    if (life === null || life.over) return;
    this.#record({ kind: "replica.signal", replica: this.name, signal });
    const ends = signal === "SIGKILL" || signal === "SIGTERM";
    if (ends) life.asked = true;
    this.#send(life, signal);
    if (ends && this.#watch !== null) {
      clearTimeout(this.#watch);
      this.#watch = setTimeout(this.#look, endingPollMs);
    }
    if (ends) return this.#endOf(life, signal);
    await stopped(life.child.pid ?? 0, signal === "SIGSTOP");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(new Error(`replica ${this.name} has been disposed of`));
    this.#stopWatching();
    const life = this.#life;
    if (life === null || life.over) return;
    life.asked = true;
    this.#send(life, "SIGKILL");
    await life.ended;
  }

  async #spawn(environment: Environment, output: Output): Promise<Life & { filled: Environment }> {
    const { child, line, filled } = await launchProcess(
      this.#launch.target.start,
      this.#launch,
      this.#port,
      environment,
      this.#options,
      this.#disposed.signal,
    );
    output.read(child.stdout);
    output.read(child.stderr);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const life = { child, ended, over: false, asked: false, filled };
    const over = (code: number | null, signal: string | null): void => {
      if (life.over) return;
      life.over = true;
      this.#stopWatching();
      const { lastLines } = output;
      const pid = child.pid ?? null;
      const { asked } = life;
      this.#record({
        kind: "replica.exit",
        replica: this.name,
        pid,
        code,
        signal,
        asked,
        lastLines,
      });
      resolve();
    };
    child.once("error", (error) => {
      output.add(`cannot start "${line}": ${error.message}`);
      over(null, null);
    });
    // `close`, not `exit`: only then everything that it printed has been read.
    child.once("exit", (code, signal) => {
      // As in a container, nobody outlives the first process: a child that does not obey SIGTERM
      // would keep the port, and answer for the successor.
      this.#send(life, "SIGKILL");
      child.once("close", () => over(code, signal));
      // A child of the child may keep the pipes open for ever; what it prints is of no interest.
      setTimeout(() => over(code, signal), 100).unref();
    });
    this.#life = life;
    return life;
  }

  #send(life: Life, signal: Signal): void {
    const { pid } = life.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (cause) {
      // It ended in between: that is what was wanted. macOS says EPERM where only zombies are left.
      const code = cause instanceof Error && "code" in cause ? cause.code : null;
      if (code !== "ESRCH" && code !== "EPERM") throw cause;
    }
  }

  /** A SIGTERM that is not obeyed within the promise, and half as long again, becomes a SIGKILL. */
  async #endOf(life: Life, signal: Signal): Promise<void> {
    const patience = AbortSignal.timeout(this.#launch.target.promises.drainMs * 1.5);
    const expired = new Promise<"expired">((resolve) => {
      patience.addEventListener("abort", () => resolve("expired"));
    });
    if ((await Promise.race([life.ended, expired])) !== "expired") return;
    this.#record({ kind: "replica.signal", replica: this.name, signal: "SIGKILL" });
    this.#send(life, "SIGKILL");
    if (signal !== "SIGKILL") await life.ended;
  }

  #becameReady(life: Life, afterMs: number): void {
    this.ready = true;
    this.#record({ kind: "replica.ready", replica: this.name, afterMs: Math.round(afterMs) });
    const look = async (): Promise<void> => {
      const seen = await this.#probe(1_000);
      // A look at a life before this one says nothing.
      if (this.#life !== life || this.#watch === null) return;
      this.ready = seen?.status === this.#launch.target.ready.status;
      this.#watch = setTimeout(() => void look(), life.asked ? endingPollMs : runningPollMs);
    };
    this.#look = () => void look();
    this.#watch = setTimeout(this.#look, runningPollMs);
  }

  #stopWatching(): void {
    this.ready = false;
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
  }

  #probe(timeoutMs: number): Promise<Probed | null> {
    const { method, path } = methodAndPath(this.#launch.target.ready);
    return probe(new URL(path, this.url), method, timeoutMs);
  }

  #record(event: Event): void {
    this.#launch.recorder.record(event);
  }
}

function changedNames(before: Environment, after: Environment): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
}
