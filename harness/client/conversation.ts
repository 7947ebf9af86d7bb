import { setTimeout as delay } from "node:timers/promises";
import type { Replica } from "../deployment/replica.ts";
import { type Outcome, type Purpose } from "../history/history.ts";
import { type Token, tokensIn } from "../history/token.ts";
import { type ReadOptions, Reads } from "./reads.ts";
import { repeats } from "./retry.ts";
import type { Surroundings } from "./conversation-context.ts";
import { type Answer, Session } from "./session.ts";
import type { Via } from "./http-client.ts";
import type { Turn } from "../history/turn.ts";

export interface ConversationOptions {
  /**
   * Sends this thread id as it is, one that must be refused; `undefined` leaves the field out.
   * Without this option the conversation has a sound thread of its own.
   */
  readonly stray?: { readonly threadId: unknown };
  readonly purpose?: Purpose;
}

export interface OnReplica {
  /** The replica that must serve it; without it the ingress chooses. */
  readonly on?: Replica | undefined;
}

export interface SayOptions extends OnReplica {
  /** What the model asks for before it replies: "search", or "search+book" in one message. */
  readonly steps?: readonly string[];
  /** False: an interrupt is left open. Without it, it is answered where the target says how. */
  readonly approve?: boolean;
}

/** A turn that was said, and what has come of it so far. */
interface Spoken {
  readonly turn: Turn;
  readonly purpose: Purpose;
  outcome: Outcome;
}

type Asking = (via: Via) => Promise<Answer>;

/** What an attempt has left: its beginning in the history, its client, its time. */
interface Left {
  readonly seq: number;
  readonly hangUp: AbortSignal;
  readonly leftMs: number;
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
  readonly #session: Session;
  readonly #reads: Reads;
  #next: Turn;
  #last: Spoken | null = null;
  /** One for each attempt that has not ended. */
  readonly #asking = new Set<AbortController>();
  #pending: Promise<unknown> = Promise.resolve();
  #client = 1;
  #attempts = 0;

  constructor(name: string, around: Surroundings, options: ConversationOptions = {}) {
    const { target: talk, wire, run, turns, deployment } = around;
    this.name = name;
    this.purpose = options.purpose ?? "workload";
    this.boot = deployment.boots;
    this.#around = around;
    const stray = options.stray === undefined ? {} : { stray: options.stray };
    const { recording } = around;
    const hide = (secret: string): void => recording.hide(secret);
    this.#session = new Session({ talk, wire, user: `user-${name}-${run}`, run, hide, ...stray });
    this.sound = !this.#session.strays;
    this.#reads = new Reads({ thread: name, session: this.#session, recording, target: talk });
    this.#next = turns.open(name, 1);
  }

  /** The turn that will be said next: to hold a point of it before it begins. */
  get next(): Turn {
    return this.#next;
  }

  /** The service's id of the thread, as soon as there is one. */
  get threadId(): unknown {
    return this.#session.thread ?? null;
  }

  /** A new turn. */
  async say(text: string, options: SayOptions = {}, purpose = this.purpose): Promise<Outcome> {
    const turn = this.#next;
    this.#next = this.#around.turns.open(this.name, turn.ordinal + 1);
    turn.said = text;
    turn.steps = options.steps ?? [];
    this.#last = { turn, purpose, outcome: unanswered };
    return this.#say(this.#last, options);
  }

  /** Whether a retry of the last turn sends anything: else to go on is to say something new. */
  get repeats(): boolean {
    return repeats(this.#around.target.retry, this.#last?.outcome.kind);
  }

  /**
   * The last turn again, the way the target declares: another attempt of the same turn, or a wait
   * for the reply to the one that there was.
   */
  async retry(options: OnReplica = {}): Promise<Outcome> {
    const last = this.#spoken();
    if (this.repeats) return this.#say(last, options);
    const waits = last.outcome.kind === "unknown" && this.#around.target.retry === "wait";
    const reply = waits ? await this.readUntilReplied(options) : null;
    if (reply !== null) last.outcome = { kind: "ok", reply };
    return last.outcome;
  }

  /**
   * A new turn, said again for as long as it is refused: until it is answered, or nobody knows; at
   * most for as long as the target promises an answer.
   */
  insist(text: string, options: SayOptions = {}): Promise<Outcome> {
    const insisting = this.#insist(text, options);
    this.#pending = insisting.catch(() => {});
    return insisting;
  }

  /** Answers the interrupt of the last turn, so that it goes on. */
  async resume(options: OnReplica = {}): Promise<Outcome> {
    const last = this.#spoken();
    return this.#ask(last, options, (via) => this.#session.resume(last.turn.requestId, via));
  }

  /** Drops the requests that have no answer yet, as a client without a network. Counts them. */
  hangUp(): number {
    for (const asking of this.#asking) asking.abort(new Error("the client hung up"));
    return this.#asking.size;
  }

  /**
   * Resolves once what was said last has ended (true), or has taken longer than the target promises
   * (false): then whatever keeps it may be healed.
   */
  async patience(): Promise<boolean> {
    const ended = this.#pending.then(() => true);
    // A little more than promised, so that nobody's clock is to blame.
    const ms = this.#around.target.promises.answerMs + 100;
    return Promise.race([ended, delay(ms, false, { ref: false })]);
  }

  /**
   * Reads the thread, or has it repeated where that is how it is seen; null: there is nothing to be
   * read, or it is not known.
   */
  async read({ on, ...options }: OnReplica & ReadOptions = {}): Promise<readonly Token[] | null> {
    if (this.#around.sight.asks && options.view !== "secondView") return this.repeat({ on });
    const texts = await this.#reads.read(await this.#via(on, null), options);
    return texts?.flatMap((text) => tokensIn(text)) ?? null;
  }

  /**
   * Reads the thread again and again until the last turn stands there with its reply, and answers
   * with that; null: it does not until it should have been answered.
   */
  async readUntilReplied({ on }: OnReplica = {}): Promise<string | null> {
    const { token } = this.#spoken().turn;
    const { answerMs } = this.#around.target.promises;
    return this.#reads.replyTo(token, answerMs, await this.#via(on, null));
  }

  /** Deletes the thread; true where the service says so. */
  async delete(options: OnReplica = {}): Promise<boolean> {
    const { target, recording } = this.#around;
    if (target.delete === undefined) return false;
    const { status } = await this.#session.delete(await this.#via(options.on, null));
    const ok = status !== null && status < 300;
    this.deleted ||= ok;
    recording.record({ kind: "thread.deleted", thread: this.name, ok, status });
    return ok;
  }

  /** Asks what it was told, with a message that is no turn; null: it did not say. */
  async repeat({ on }: OnReplica = {}): Promise<readonly Token[] | null> {
    const turn = this.#around.turns.open(this.name);
    const said = { message: this.#around.target.recallPrompt, turn: turn.requestId };
    const spoken = { turn, purpose: "repeat", outcome: unanswered } as const;
    const answer = await this.#ask(spoken, { on }, (via) => this.#session.say(said, via));
    return answer.kind === "ok" ? tokensIn(answer.reply) : null;
  }

  #spoken(): Spoken {
    if (this.#last !== null) return this.#last;
    throw new Error(`${this.name} has said nothing that could be retried`);
  }

  async #insist(text: string, options: SayOptions): Promise<Outcome> {
    const deadline = performance.now() + this.#around.target.promises.answerMs;
    let outcome = await this.say(text, options);
    while (outcome.kind === "failed" && performance.now() < deadline) {
      await delay(refusedMs);
      outcome = await this.retry(options);
    }
    return outcome;
  }

  /** One attempt to say it; an interrupt on the way is answered, where the target says how. */
  async #say(spoken: Spoken, options: SayOptions): Promise<Outcome> {
    const { turn } = spoken;
    const said = { message: `${turn.said} [${turn.token}]`, turn: turn.requestId };
    let outcome = await this.#ask(spoken, options, (via) => this.#session.say(said, via));
    if (this.#around.target.resume === undefined || options.approve === false) return outcome;
    for (let n = 0; outcome.kind === "interrupted" && n < mostApprovals; n += 1) {
      outcome = await this.#ask(spoken, options, (via) => this.#session.resume(said.turn, via));
    }
    return outcome;
  }

  #ask(spoken: Spoken, { on }: OnReplica, ask: Asking): Promise<Outcome> {
    const asking = new AbortController();
    this.#asking.add(asking);
    const flight = this.#around.turns.fly(spoken.turn);
    const ended = this.#attempt(spoken, on, ask, asking.signal).finally(() => {
      this.#asking.delete(asking);
      flight[Symbol.dispose]();
    });
    this.#pending = ended.catch(() => {});
    return ended;
  }

  async #attempt(
    spoken: Spoken,
    on: Replica | undefined,
    ask: Asking,
    hangUp: AbortSignal,
  ): Promise<Outcome> {
    const { recording, target, holds, sight } = this.#around;
    const { turn, purpose } = spoken;
    this.#attempts += 1;
    const attempt = `${this.name}/attempt ${this.#attempts}`;
    const via = await this.#via(on, hangUp);
    const notBegun = await this.#session.begin(via);
    const begin = recording.record({
      kind: "attempt.begin",
      attempt,
      turn: turn.name,
      thread: this.name,
      client: via.client,
      requestId: target.retry === "same-request-id" ? turn.requestId : null,
      threadId: this.#session.sent ?? null,
      sound: this.sound,
      on: on?.name ?? null,
      purpose,
      steps: turn.steps,
      ...recording.underAct,
    });
    const deadline = performance.now() + target.turnTimeoutMs;
    const answer = notBegun ?? (await ask(via));
    const leftMs = deadline - performance.now();
    const outcome = await this.#outcomeOf(answer, turn, { seq: begin.seq, hangUp, leftMs });
    spoken.outcome = outcome;
    if (outcome.kind === "ok") turn.settled = true;
    if (outcome.kind === "unknown") this.#client += 1;
    // Who hung up knows nothing of the turn's end: it may well go on. One that can be resumed will.
    const goesOn = outcome.kind === "interrupted" && target.resume !== undefined;
    if (!hangUp.aborted && !goesOn) holds.ended(turn);
    const { served: replica, status, deniedBy = [] } = answer;
    const denied = deniedBy.length === 0 ? {} : { deniedBy };
    const list = outcome.kind === "ok" ? sight.shown(outcome.reply, purpose, turn.token) : null;
    const end = { kind: "attempt.end", attempt, outcome, replica, status, list } as const;
    recording.record({ ...end, ...denied });
    return outcome;
  }

  async #outcomeOf({ says }: Answer, turn: Turn, { seq, hangUp, leftMs }: Left): Promise<Outcome> {
    switch (says.kind) {
      case "replied":
        return { kind: "ok", reply: says.reply };
      case "accepted":
        return this.#readReply(turn, hangUp, leftMs);
      case "interrupted":
        return { kind: "interrupted", approval: says.approval };
      case "unsent":
        return { kind: "failed", why: says.why };
      case "refused":
        // A refusal is believed only where nothing of this attempt was seen on a wire.
        return { kind: this.#ran(turn, seq) ? "unknown" : "failed", why: says.why };
      case "unknown":
        return { kind: "unknown", why: says.why };
    }
  }

  /** The reply to what was only accepted. Whoever reads comes in by the front door. */
  async #readReply(turn: Turn, hangUp: AbortSignal, withinMs: number): Promise<Outcome> {
    const { target } = this.#around;
    if (target.read === undefined) {
      return { kind: "unknown", why: 'accepted; without "read" nothing tells what became of it' };
    }
    const via = await this.#via(undefined, hangUp);
    const reply = await this.#reads.replyTo(turn.token, withinMs, via);
    if (reply !== null) return { kind: "ok", reply };
    const why = `accepted; no reply stood in the thread within ${target.turnTimeoutMs} ms`;
    return { kind: "unknown", why: hangUp.aborted ? "the client hung up" : why };
  }

  async #via(on: Replica | undefined, hangUp: AbortSignal | null): Promise<Via> {
    const { target, deployment } = this.#around;
    // With a single replica the other one is the same one, restarted.
    if (on !== undefined && deployment.replicas.length === 1 && !on.running) await on.start();
    const client = `${this.name}#${this.#client}`;
    return { on: on?.name ?? null, client, timeoutMs: target.turnTimeoutMs, hangUp };
  }

  #ran(turn: Turn, since: number): boolean {
    return this.#around.recording.entries
      .slice(since)
      .some((it) => (it.kind === "model.call" || it.kind === "tool.call") && it.turn === turn.name);
  }
}

/** Between a refusal and the next attempt, in milliseconds. */
const refusedMs = 50;
const unanswered = { kind: "unknown", why: "it has no answer yet" } as const;
/** A turn that asks for more than so many approvals goes round in circles. */
const mostApprovals = 10;
