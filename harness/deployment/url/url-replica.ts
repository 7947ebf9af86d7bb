import { setTimeout as delay } from "node:timers/promises";
import type { Launch, Signal } from "../replica.ts";
import { HookFailed, type Hooks } from "./hooks.ts";
import { isReady, type Ready } from "../../config/ready.ts";
import { methodAndPath } from "../../config/request.ts";
import type { Output } from "../../machine/output.ts";
import { type Probed, probe } from "../../machine/probe.ts";
import { type Body, type Exit, type Life, SupervisedReplica } from "../supervised-replica.ts";

/** The time limit of one ready check, in milliseconds. */
const lookMs = 5_000;
/** The interval of ready checks while a replica is going away, in milliseconds. */
const pollMs = 50;
/** The longest time from the end of a hook until its replica is not ready, in milliseconds. */
const goneWithinMs = 5_000;
/** A paused replica keeps its connections. Two silent checks of this length prove the pause. */
const silentMs = 1_000;

/** The default ready check: any answer counts. */
const anyAnswer: Ready = { get: "", headers: {}, status: 200, withinMs: 10_000 };

export interface Deployed {
  readonly url: URL;
  /** Headers of every request, so that a load balancer chooses this replica. */
  readonly headers: Readonly<Record<string, string>>;
  readonly ready: Ready | undefined;
  readonly drainMs: number;
  readonly hooks: Hooks;
  /** Once aborted, no hook runs on the replica. */
  readonly over: AbortSignal;
}

/** A replica that is deployed already: signals are hooks, and its address shows when it ends. */
export class UrlReplica extends SupervisedReplica {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;

  constructor(launch: Launch, deployed: Deployed) {
    super(launch, new DeployedBody(launch.name, deployed));
    this.url = deployed.url;
    this.headers = deployed.headers;
  }
}

class DeployedBody implements Body {
  readonly ready: Ready;
  readonly drainMs: number;
  readonly #name: string;
  readonly #deployed: Deployed;
  /** The last action that has not been undone. */
  #down: "killed" | "paused" | null = null;
  #begun = false;
  #doing: Promise<void> = Promise.resolve();

  constructor(name: string, deployed: Deployed) {
    this.ready = deployed.ready ?? anyAnswer;
    this.drainMs = deployed.drainMs;
    this.#name = name;
    this.#deployed = deployed;
  }

  /** Starts it only if it is down: it ran before us, or its redeploy started it. */
  async begin(): Promise<Life> {
    this.#deployed.over.throwIfAborted();
    await this.#startIfDown();
    const { promise: ended, resolve } = Promise.withResolvers<Exit>();
    return {
      pid: null,
      environment: {},
      ended,
      send: (signal) => (this.#doing = this.#send(signal, resolve)),
      leave: () => this.#leave(),
    };
  }

  async look(timeoutMs: number): Promise<Probed | null> {
    const { url, headers, ready } = this.#deployed;
    const { method, path } = methodAndPath(this.ready);
    const given = { ...this.ready.headers, ...headers };
    const seen = await probe(below(url, path), method, timeoutMs, given);
    const isAnswered = ready === undefined && seen !== null && seen.status > 0;
    return isAnswered ? { ...seen, status: 200 } : seen;
  }

  async explain(output: Output): Promise<void> {
    const { hooks } = this.#deployed;
    if (!hooks.has("logs")) return;
    for (const line of await hooks.run("logs", this.#name)) output.add(line);
  }

  async #send(signal: Signal, ended: (exit: Exit) => void): Promise<void> {
    const { hooks, over } = this.#deployed;
    over.throwIfAborted();
    switch (signal) {
      case "SIGKILL":
        this.#down = "killed";
        await this.#goneBy("kill");
        return ended({ code: null, signal });
      case "SIGTERM": {
        // The end of the old process is not visible, only that it stops answering.
        const done = new AbortController();
        void this.#unready(done.signal).then(() => ended({ code: null, signal: null }));
        try {
          await hooks.run("redeploy", this.#name);
        } finally {
          done.abort();
        }
        return;
      }
      case "SIGSTOP":
        this.#down = "paused";
        await this.#goneBy("pause");
        return;
      case "SIGCONT":
        await hooks.run("resume", this.#name);
        this.#down = null;
    }
  }

  async #startIfDown(): Promise<void> {
    const { hooks } = this.#deployed;
    const first = !this.#begun;
    this.#begun = true;
    if (this.#down !== "killed" && !(first && hooks.has("start"))) return;
    // An orchestrator may have restarted it already; a replica that answers was not down.
    const seen = await this.look(lookMs);
    if (this.#down === "killed" ? !isReady(this.ready, seen) : seen === null) {
      await hooks.run("start", this.#name);
    }
    this.#down = null;
  }

  /**
   * Verifies that a hook took effect: a killed or paused replica does not answer. The checks begin
   * with the hook: a supervisor may restart the replica before the hook ends.
   */
  async #goneBy(hook: "kill" | "pause"): Promise<void> {
    const late = new AbortController();
    const leaving = this.#unready(late.signal, silentMs, 2);
    const { hooks } = this.#deployed;
    let timer: NodeJS.Timeout | undefined;
    try {
      await hooks.run(hook, this.#name);
      timer = setTimeout(() => late.abort(), goneWithinMs);
      if (await leaving) return;
    } finally {
      clearTimeout(timer);
      late.abort();
    }
    throw new HookFailed(
      `hooks.${hook} of replica ${this.#name} ended, but ${goneWithinMs} ms later it is still ready`,
    );
  }

  /**
   * Resolves with true when the replica is not ready, by its answer or by several silent checks in
   * a row; with false when it is aborted.
   */
  async #unready(until: AbortSignal, withinMs = lookMs, silences = 1): Promise<boolean> {
    let silent = 0;
    while (!until.aborted) {
      const began = performance.now();
      const ready = isReady(this.ready, await this.look(withinMs));
      silent = !ready && performance.now() - began >= withinMs ? silent + 1 : 0;
      if (!ready && (silent === 0 || silent >= silences)) return true;
      await delay(pollMs);
    }
    return false;
  }

  /** Restores what we found: starts a replica that a scenario left down. */
  async #leave(): Promise<void> {
    await this.#doing.catch(() => {});
    const { hooks } = this.#deployed;
    // If this fails too, the next scenario finds the replica down and reports it.
    if (this.#down === "killed") await this.#startIfDown().catch(() => {});
    if (this.#down === "paused") await hooks.run("resume", this.#name).catch(() => {});
    this.#down = null;
  }
}

/** Appends a path to an address and its path. */
function below(url: URL, path: string): URL {
  return path === "" ? url : new URL(`${url.href.replace(/\/$/, "")}${path}`);
}
