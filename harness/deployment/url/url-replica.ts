import { setTimeout as delay } from "node:timers/promises";
import type { Launch, Signal } from "../replica.ts";
import { HookFailed, type Hooks } from "./hooks.ts";
import { isReady, type Ready } from "../../config/ready.ts";
import { methodAndPath } from "../../config/request.ts";
import type { Output } from "../../machine/output.ts";
import { type Probed, probe } from "../../machine/probe.ts";
import { type Body, type Exit, type Life, SupervisedReplica } from "../supervised-replica.ts";

/** For one look at a service that is not ours to hurry, in milliseconds. */
const lookMs = 5_000;
/** Between two looks at a replica that is to go away, in milliseconds. */
const pollMs = 50;
/** From the end of a hook until its replica is not ready any more, in milliseconds. */
const goneWithinMs = 5_000;
/** One that stands still keeps its connections: who is silent so long, twice, does not answer. */
const silentMs = 1_000;

/** Who answers at all, where nothing else is said. */
const anybody: Ready = { get: "", headers: {}, status: 200, withinMs: 10_000 };

export interface Deployed {
  readonly url: URL;
  /** Of every request, so that its balancer takes this replica. */
  readonly headers: Readonly<Record<string, string>>;
  readonly ready: Ready | undefined;
  readonly drainMs: number;
  readonly hooks: Hooks;
  /** Nothing is done to it any more once it is aborted. */
  readonly over: AbortSignal;
}

/** A replica that is there already: signals are hooks, and its end is what its address shows. */
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
  /** What was done to it and has not been undone. */
  #down: "killed" | "paused" | null = null;
  #begun = false;
  #doing: Promise<void> = Promise.resolve();

  constructor(name: string, deployed: Deployed) {
    this.ready = deployed.ready ?? anybody;
    this.drainMs = deployed.drainMs;
    this.#name = name;
    this.#deployed = deployed;
  }

  /** Only one that is down is started: it was there before us, or its redeploy has put it there. */
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
    const isAnybody = ready === undefined && seen !== null && seen.status > 0;
    return isAnybody ? { ...seen, status: 200 } : seen;
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
        // When the old process ends, and how, nobody sees: only that it stops answering.
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
    // An orchestrator may have been faster than we are; and one that answers at all was not down.
    const seen = await this.look(lookMs);
    if (this.#down === "killed" ? !isReady(this.ready, seen) : seen === null) {
      await hooks.run("start", this.#name);
    }
    this.#down = null;
  }

  /**
   * A hook that has ended is not believed: who is killed, or stands still, does not answer. It is
   * looked at from the hook's beginning: a supervisor may have started it again before the end.
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
      `hooks.${hook} of replica ${this.#name} has ended, and ${goneWithinMs} ms later it is still ready`,
    );
  }

  /**
   * Resolves to true once it is seen not to be ready, by what it says, or by so many silences in a
   * row; to false once it is aborted.
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

  /** As it was found: what a scenario has left down is put up again. */
  async #leave(): Promise<void> {
    await this.#doing.catch(() => {});
    const { hooks } = this.#deployed;
    // Where this fails, too, the next scenario finds it down, and says so.
    if (this.#down === "killed") await this.#startIfDown().catch(() => {});
    if (this.#down === "paused") await hooks.run("resume", this.#name).catch(() => {});
    this.#down = null;
  }
}

/** A path below an address, whose own path is kept. */
function below(url: URL, path: string): URL {
  return path === "" ? url : new URL(`${url.href.replace(/\/$/, "")}${path}`);
}
