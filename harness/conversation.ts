import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Deployment, Replica } from "./deployment.ts";
import type { Exchange, Wire } from "./exchange.ts";
import { type Outcome, type Purpose, type Token, tokensIn } from "./history.ts";
import type { Recording } from "./recording.ts";
import type { Target } from "./target/configuration.ts";
import { select } from "./target/source.ts";
import type { Request } from "./target/request.ts";
import type { Turn, Turns } from "./turn.ts";
import type { Holds } from "./wires/hold.ts";

export interface ConversationOptions {
  /**
   * Sends this thread id as it is, one that must be refused; `undefined` leaves the field out.
   * Without this option the conversation has a sound thread of its own.
   */
  readonly stray?: { readonly threadId: unknown };
  readonly purpose?: Purpose;
}

export interface SayOptions {
  /** The replica that must serve it; without it the ingress chooses. */
  readonly on?: Replica;
  /** The tools that the model asks for, one after the other, before it replies. */
  readonly steps?: readonly string[];
}

/** What conversations share in one run of a scenario. */
export interface Surroundings {
  readonly target: Target;
  readonly deployment: Deployment;
  readonly wire: Wire;
  readonly turns: Turns;
  readonly holds: Holds;
  readonly recording: Recording;
}

/** One user of one thread: says things, gets outcomes. */
export class Conversation {
  /** The harness's name of the thread, and of the conversation: "c3". */
  readonly name: string;
  readonly purpose: Purpose;
  /** The boot of the deployment that it belongs to. */
  readonly boot: number;
  readonly sound: boolean;
  deleted = false;
  readonly #around: Surroundings;
  #threadId: unknown;
  #known: boolean;
  #next: Turn;
  #last: { turn: Turn; text: string; purpose: Purpose } | null = null;
  /** One for each attempt that has not ended. */
  readonly #asking = new Set<AbortController>();
  #pending: Promise<unknown> = Promise.resolve();
  #client = 1;
  #attempts = 0;
  #reads = 0;

  constructor(name: string, around: Surroundings, options: ConversationOptions = {}) {
    this.name = name;
    this.purpose = options.purpose ?? "workload";
    this.boot = around.deployment.boots;
    this.#around = around;
    this.sound = options.stray === undefined;
    this.#threadId = options.stray === undefined ? randomUUID() : options.stray.threadId;
    this.#known = !this.sound || around.target.thread === undefined;
    this.#next = around.turns.open(name);
  }

  /** The turn that will be said next: to hold a point of it before it begins. */
  get next(): Turn {
    return this.#next;
  }

  /** The service's id of the thread, as soon as there is one. */
  get threadId(): unknown {
    return this.#known ? this.#threadId : null;
  }

  /** A new turn. */
  async say(text: string, options: SayOptions = {}, purpose = this.purpose): Promise<Outcome> {
    const turn = this.#next;
    this.#next = this.#around.turns.open(this.name);
    turn.said = text;
    turn.steps = options.steps ?? [];
    this.#last = { turn, text, purpose };
    return this.#ask(options);
  }

  /** The last turn again, the way the target declares: another attempt of the same turn. */
  async retry(options: Pick<SayOptions, "on"> = {}): Promise<Outcome> {
    if (this.#last === null) throw new Error(`${this.name} has said nothing that could be retried`);
    return this.#ask(options);
  }

  /** Drops the requests that have no answer yet, as a client without a network. Counts them. */
  hangUp(): number {
    for (const asking of this.#asking) asking.abort(new Error("the client hung up"));
    return this.#asking.size;
  }

  /**
   * Resolves once the last attempt has ended (true), or has taken longer than the target promises
   * (false): then whatever keeps it may be healed.
   */
  async patience(): Promise<boolean> {
    const ended = this.#pending.then(() => true);
    // A little more than promised, so that nobody's clock is to blame.
    const ms = this.#around.target.promises.answerMs + 100;
    return Promise.race([ended, delay(ms, false, { ref: false })]);
  }

  /** Reads the thread through the state endpoint; an answer that is none is recorded as unknown. */
  async read({ on = null, final = false }: { on?: Replica | null; final?: boolean } = {}): Promise<
    readonly Token[] | null
  > {
    const { recording, target } = this.#around;
    const { read: request } = target;
    if (request === undefined || !this.#known) return null;
    this.#reads += 1;
    const read = `${this.name}/read ${this.#reads}`;
    const client = this.#clientName();
    const thread = this.name;
    recording.record({ kind: "read.begin", read, thread, client, on: on?.name ?? null, final });
    const exchange = await this.#send(request, on, {});
    const served = exchange.kind === "unsent" ? null : exchange.served;
    const status = exchange.kind === "answered" ? exchange.status : null;
    const ok = exchange.kind === "answered" && exchange.status < 300;
    const readable = ok && typeof exchange.json === "object" && exchange.json !== null;
    const texts = readable ? select(exchange.json, request.list) : null;
    const list = texts === null ? null : texts.flatMap((it) => tokensIn(textOf(it)));
    const why =
      exchange.kind === "answered" ? (ok ? null : exchange.body.slice(0, 300)) : exchange.why;
    recording.record({ kind: "read.end", read, replica: served, list, status, why });
    return list;
  }

  /**
   * Reads the thread again and again until the last turn stands there with its reply; at the latest
   * until that should have been answered.
   */
  async readUntilReplied(options: { on?: Replica } = {}): Promise<void> {
    const token = this.#last?.turn.token ?? "";
    const deadline = performance.now() + this.#around.target.promises.answerMs;
    for (;;) {
      const list = (await this.read(options)) ?? [];
      const isReplied = list.includes(token) && (list.at(-1)?.startsWith("tpa-") ?? false);
      if (isReplied || performance.now() > deadline) return;
      await delay(rereadMs);
    }
  }

  /** Deletes the thread; true where the service says so. */
  async delete(options: Pick<SayOptions, "on"> = {}): Promise<boolean> {
    const { target, recording } = this.#around;
    if (target.delete === undefined) return false;
    const exchange = await this.#send(target.delete, options.on ?? null, {});
    const status = exchange.kind === "answered" ? exchange.status : null;
    const ok = status !== null && status < 300;
    this.deleted ||= ok;
    recording.record({ kind: "thread.deleted", thread: this.name, ok, status });
    return ok;
  }

  #ask(options: Pick<SayOptions, "on">): Promise<Outcome> {
    const asking = new AbortController();
    this.#asking.add(asking);
    const ended = this.#attempt(options, asking.signal).finally(() => this.#asking.delete(asking));
    this.#pending = ended.catch(() => {});
    return ended;
  }

  async #attempt(options: Pick<SayOptions, "on">, hangUp: AbortSignal): Promise<Outcome> {
    const { recording, target, holds } = this.#around;
    const { turn, text, purpose } = this.#last ?? {
      turn: this.#next,
      text: "",
      purpose: this.purpose,
    };
    this.#attempts += 1;
    const attempt = `${this.name}/attempt ${this.#attempts}`;
    const on = options.on ?? null;
    const created = await this.#create(on, hangUp);
    const requestId = target.retry === "same-request-id" ? turn.requestId : null;
    const begin = recording.record({
      kind: "attempt.begin",
      attempt,
      turn: turn.name,
      thread: this.name,
      conversation: this.name,
      client: this.#clientName(),
      token: turn.token,
      requestId,
      threadId: this.#threadId ?? null,
      sound: this.sound,
      on: on?.name ?? null,
      purpose,
      steps: turn.steps,
    });
    const message = `${text} [${turn.token}]`;
    const exchange =
      created ?? (await this.#send(sayOf(target), on, { message, turn: turn.requestId }, hangUp));
    const outcome = this.#outcomeOf(exchange, turn, begin.seq);
    if (outcome.kind === "ok") turn.settled = true;
    if (outcome.kind === "unknown") this.#client += 1;
    // Who hung up knows nothing of the turn's end: it may well go on.
    if (!hangUp.aborted) holds.ended(turn);
    recording.record({
      kind: "attempt.end",
      attempt,
      outcome,
      replica: exchange.kind === "unsent" ? null : exchange.served,
      status: exchange.kind === "answered" ? exchange.status : null,
      list: null,
    });
    return outcome;
  }

  /** Makes the thread with the first attempt; an exchange where that was not answered as hoped. */
  async #create(on: Replica | null, hangUp: AbortSignal): Promise<Exchange | null> {
    const request = this.#around.target.thread;
    if (this.#known || request === undefined || !("id" in request)) return null;
    const exchange = await this.#send(request, on, {}, hangUp);
    if (exchange.kind !== "answered") return { ...exchange, why: `no thread: ${exchange.why}` };
    const path = typeof request.id === "string" ? request.id : "$.id";
    const [id] = exchange.status < 300 ? select(exchange.json, path) : [];
    if (id === undefined) return exchange;
    this.#threadId = id;
    this.#known = true;
    return null;
  }

  async #send(
    request: Request,
    on: Replica | null,
    names: Record<string, unknown>,
    hangUp: AbortSignal | null = null,
  ): Promise<Exchange> {
    const { wire, target, deployment } = this.#around;
    // With a single replica the other one is the same one, restarted.
    if (on !== null && deployment.replicas.length === 1 && !on.running) await on.start();
    return wire.send({
      request,
      names: { thread: this.#threadId, user: `user-${this.name}`, ...names },
      on: on?.name ?? null,
      client: this.#clientName(),
      timeoutMs: target.turnTimeoutMs,
      hangUp,
    });
  }

  #outcomeOf(exchange: Exchange, turn: Turn, since: number): Outcome {
    if (exchange.kind === "unsent") return { kind: "failed", why: exchange.why };
    if (exchange.kind === "broken") return { kind: "unknown", why: exchange.why };
    const { status, json, body } = exchange;
    const { target } = this.#around;
    if (status < 300) {
      const path = sayOf(target).reply;
      const [reply] = select(json, path);
      if (reply !== undefined) return { kind: "ok", reply: textOf(reply) };
      return {
        kind: "unknown",
        why: `${status} without a reply at ${path}: ${short(body)}`,
      };
    }
    const why = `${status} ${short(body)}`;
    const refused = target.refusals.includes(status) && !this.#ran(turn, since);
    return { kind: refused ? "failed" : "unknown", why };
  }

  /** A refusal is believed only where nothing of this attempt was seen on a wire. */
  #ran(turn: Turn, since: number): boolean {
    return this.#around.recording.entries
      .slice(since)
      .some((it) => (it.kind === "model.call" || it.kind === "tool.call") && it.turn === turn.name);
  }

  #clientName(): string {
    return `${this.name}#${this.#client}`;
  }
}

/** Between two looks at a thread. */
const rereadMs = 50;

function sayOf({ say }: Target) {
  if (typeof say === "function" || typeof say.reply !== "string") throw new Error("not yet");
  return { ...say, reply: say.reply };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

function short(body: string): string {
  return body.length > 300 ? `${body.slice(0, 300)}…` : body;
}
