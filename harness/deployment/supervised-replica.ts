import { setTimeout as delay } from "node:timers/promises";
import type {
  Environment,
  Launch,
  Replica,
  Signal,
  StartDeadline,
  ReplicaReference,
} from "./replica.ts";
import type { Event } from "../history/history.ts";
import { isReady, type Ready } from "../config/ready.ts";
import { methodAndPath } from "../config/request.ts";
import { Output } from "../machine/output.ts";
import type { Probed } from "../machine/probe.ts";

/**
 * Intervals between two ready checks, in milliseconds: while a replica starts, while it runs, and
 * after SIGTERM, when it should report to its load balancer that it is leaving.
 */
const startingPollMs = 15;
const runningPollMs = 1_000;
const endingPollMs = 50;

/**
 * A ready check without an answer for this time counts as not ready, in milliseconds. On a machine
 * with ten times its load, a first turn of Node blocks it for two seconds.
 */
const runningLookMs = 5_000;

/** The names of replicas that we start. */
export const twoReplicas: readonly string[] = ["a", "b"];

/** One life of a replica: a process or a container, from its start to its end. */
export interface Life {
  /** Null: it never ran. */
  readonly pid: number | null;
  /** With all templates filled. */
  readonly environment: Environment;
  /** Resolves when it has ended and all of its output has been read. */
  readonly ended: Promise<Exit>;
  /** Resolves when the signal was delivered; SIGSTOP and SIGCONT: when they took effect. */
  send(signal: Signal): Promise<void> | void;
  /** Absent if the backend cannot cut one replica off the network. */
  isolate?(): Promise<AsyncDisposable>;
  /** Restores what we found. Absent if the life is ours, and ends with the deployment. */
  leave?(): Promise<void>;
}

/** How a life ended. Both are null if it never began, or if its end was not seen. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What a backend provides for one replica: how to start a life, and how to check it. */
export interface Body {
  readonly ready: Ready;
  /** The promised time from SIGTERM to the end, in milliseconds. */
  readonly drainMs: number;
  begin(environment: Environment, output: Output): Promise<Life>;
  /** One ready check; null: no response in time. */
  look(timeoutMs: number): Promise<Probed | null>;
  /** The environment that sets its clock ahead, by milliseconds. Absent if that is impossible. */
  clock?(aheadMs: number): Environment;
  /** Reads its log, if it has to be fetched. */
  explain?(output: Output): Promise<void>;
}

interface Current {
  readonly life: Life;
  readonly began: number;
  over: boolean;
  asked: boolean;
  wasReady: boolean;
}

/** A replica on any backend: starts lives, watches them, and records both. */
export class SupervisedReplica implements Replica {
  readonly name: string;
  ready = false;
  readonly #launch: Launch;
  readonly #body: Body;
  #current: Current | null = null;
  #first: Environment | null = null;
  /** The longest time that a life took to become ready; null: none was ready yet. */
  #tookMs: number | null = null;
  /** When a waiting caller last checked whether it is ready, as performance.now(). */
  #seenAt = 0;
  #watch: NodeJS.Timeout | null = null;
  #look: () => void = () => {};
  #disposed = false;
  #clockAheadMs = 0;

  constructor(launch: Launch, body: Body) {
    this.name = launch.name;
    this.#launch = launch;
    this.#body = body;
  }

  toJSON(): ReplicaReference {
    return { $: `replica ${this.name}` };
  }

  get running(): boolean {
    return this.#current !== null && !this.#current.over;
  }

  get pid(): number | null {
    return this.running ? (this.#current?.life.pid ?? null) : null;
  }

  async start(
    environment: Environment = {},
    { saysNotMs = Infinity, heldUntil }: StartDeadline = {},
  ): Promise<boolean> {
    const { ready } = this.#body;
    const began = performance.now();
    const output = new Output();
    const current = await this.#begin(environment, output, began);
    let seen: Probed | null = null;
    // Counted from its own start: a busy container engine is not the service's fault.
    let deadline = performance.now() + this.#mayTakeMs;
    if (heldUntil !== undefined) {
      deadline = Infinity;
      void heldUntil.then(() => (deadline = performance.now() + this.#mayTakeMs));
    }
    while (!current.over && performance.now() < deadline) {
      const look = await this.#lookUntil(deadline);
      if (seen === null && look !== null) {
        deadline = Math.min(deadline, performance.now() + saysNotMs);
      }
      seen = look ?? seen;
      // A replica that ended during the check is not ready, even if another process answered.
      if (isReady(ready, seen) && !current.over) {
        this.#becameReady(current);
        return true;
      }
      await delay(startingPollMs);
    }
    await this.#body.explain?.(output);
    // Its last output, or the answer of its ready check.
    const answer = current.over && seen === null ? "" : answered(ready, seen, this.#mayTakeMs);
    const printed = output.excerpt || (current.over ? "it ended without output" : "");
    const why = [answer, printed].filter(Boolean).join(" · ");
    this.#record({ kind: "replica.unready", replica: this.name, why });
    return false;
  }

  async recovered(): Promise<boolean> {
    const current = this.#current;
    const { ready } = this.#body;
    if (current === null || this.#tookMs === null) return this.ready;
    // If statements are inspected, the ready check is used only when necessary.
    if (this.ready && this.#watch === null) return true;
    const deadline = performance.now() + this.#mayTakeMs;
    while (!current.over && performance.now() < deadline) {
      const seen = await this.#lookUntil(deadline);
      if (current.over) break;
      this.#seenAt = performance.now();
      this.ready = isReady(ready, seen);
      if (this.ready && !current.wasReady) this.#becameReady(current);
      if (this.ready) break;
      await delay(startingPollMs);
    }
    return this.ready;
  }

  async signal(signal: Signal): Promise<void> {
    const current = this.#current;
    if (current === null || current.over) return;
    this.#record({ kind: "replica.signal", replica: this.name, signal });
    const ends = signal === "SIGKILL" || signal === "SIGTERM";
    if (ends) current.asked = true;
    await current.life.send(signal);
    if (!ends) return;
    if (this.#watch !== null) {
      clearTimeout(this.#watch);
      this.#watch = setTimeout(this.#look, endingPollMs);
    }
    await this.#endOf(current, signal);
  }

  isolate(): Promise<AsyncDisposable> {
    const cut = this.#current?.life.isolate?.();
    if (cut !== undefined) return cut;
    throw new Error(`replica ${this.name} cannot be cut off: that needs the capability "isolate"`);
  }

  setClock(aheadMs: number): void {
    if (this.#body.clock === undefined) {
      throw new Error(`the clock of ${this.name} cannot be set: that needs the capability "clock"`);
    }
    this.#clockAheadMs = aheadMs;
  }

  async clockAheadMs(): Promise<number | null> {
    const seen = await this.#body.look(runningLookMs);
    const dated = Date.parse(seen?.headers.date ?? "");
    return Number.isNaN(dated) ? null : dated - Date.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#stopWatching();
    const current = this.#current;
    if (current === null) return;
    if (current.life.leave !== undefined) return current.life.leave();
    if (current.over) return;
    current.asked = true;
    await current.life.send("SIGKILL");
    await current.life.ended;
  }

  /** A machine that made one start slow may make the next one slow as well. */
  get #mayTakeMs(): number {
    return Math.max(this.#body.ready.withinMs, 4 * (this.#tookMs ?? 0));
  }

  #lookUntil(deadline: number): Promise<Probed | null> {
    const left = Math.max(1, Math.ceil(deadline - performance.now()));
    return this.#body.look(Math.min(runningLookMs, left));
  }

  async #begin(environment: Environment, output: Output, began: number): Promise<Current> {
    if (this.#disposed) throw new Error(`replica ${this.name} has been disposed`);
    const clockAheadMs = this.#clockAheadMs;
    const clock = this.#body.clock?.(clockAheadMs) ?? {};
    const life = await this.#body.begin({ ...environment, ...clock }, output);
    const { pid } = life;
    const current: Current = { life, began, over: false, asked: false, wasReady: false };
    this.#current = current;
    this.#record({
      kind: "replica.start",
      replica: this.name,
      pid,
      boot: this.#launch.boot,
      changed: this.#first === null ? [] : changedNames(this.#first, life.environment),
      ...(clockAheadMs === 0 ? {} : { clockAheadMs }),
    });
    this.#first ??= life.environment;
    void life.ended.then((exit) => {
      current.over = true;
      this.#stopWatching();
      const { asked } = current;
      const { lastLines } = output;
      this.#record({ kind: "replica.exit", replica: this.name, pid, ...exit, asked, lastLines });
    });
    // It was disposed while this life began.
    if (this.#disposed) await this[Symbol.asyncDispose]();
    return current;
  }

  /** After one and a half times the promised time, a SIGTERM becomes a SIGKILL. */
  async #endOf({ life }: Current, signal: Signal): Promise<void> {
    const limit = AbortSignal.timeout(this.#body.drainMs * 1.5);
    const expired = new Promise<"expired">((resolve) => {
      limit.addEventListener("abort", () => resolve("expired"));
    });
    if ((await Promise.race([life.ended, expired])) !== "expired") return;
    this.#record({ kind: "replica.signal", replica: this.name, signal: "SIGKILL" });
    await life.send("SIGKILL");
    if (signal !== "SIGKILL") await life.ended;
  }

  #becameReady(current: Current): void {
    this.ready = true;
    current.wasReady = true;
    const afterMs = Math.round(performance.now() - current.began);
    this.#tookMs = Math.max(afterMs, this.#tookMs ?? 0);
    this.#record({ kind: "replica.ready", replica: this.name, afterMs });
    if (this.#launch.isWatched === true) return;
    const look = async (): Promise<void> => {
      const began = performance.now();
      const seen = await this.#body.look(runningLookMs);
      // A check of an earlier life does not count.
      if (this.#current !== current || this.#watch === null) return;
      // A check that a newer one has overtaken does not count either.
      if (this.#seenAt < began) this.ready = isReady(this.#body.ready, seen);
      this.#watch = setTimeout(() => void look(), current.asked ? endingPollMs : runningPollMs);
    };
    this.#look = () => void look();
    this.#watch = setTimeout(this.#look, runningPollMs);
  }

  #stopWatching(): void {
    this.ready = false;
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
  }

  #record(event: Event): void {
    this.#launch.recorder.record(event);
  }
}

/** The result of a ready check, in words. */
function answered(ready: Ready, seen: Probed | null, withinMs: number): string {
  const { method, path } = methodAndPath(ready);
  if (seen !== null) {
    return `${method} ${path} answers ${[seen.status, seen.body].filter(Boolean).join(": ")}`;
  }
  const asked = `${method} ${path} within ${withinMs} ms`;
  return `nothing answers ${asked}: it is slow, or listens elsewhere`;
}

function changedNames(before: Environment, after: Environment): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
}
