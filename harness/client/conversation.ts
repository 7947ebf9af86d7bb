import { setTimeout as delay } from "node:timers/promises";
import type { Replica } from "../deployment/replica.ts";
import { type Outcome, type Purpose } from "../history/history.ts";
import { type Token, tokensIn } from "../history/token.ts";
import type { ReadOptions } from "./reads.ts";
import { retrySends } from "./retry.ts";
import type { ConversationContext } from "./conversation-context.ts";
import { type Asking, Attempts, type Spoken } from "./attempts.ts";
import { Session } from "./session.ts";
import type { Turn } from "../history/turn.ts";

export interface ConversationOptions {
  /**
   * Sends this thread id as it is, although the service must refuse it; `undefined` leaves the
   * field out. Without this option the conversation has its own valid thread.
   */
  readonly stray?: { readonly threadId: unknown };
  readonly purpose?: Purpose;
}

export interface OnReplica {
  /** The replica that must serve it. Default: the ingress chooses. */
  readonly on?: Replica | undefined;
}

export interface SayOptions extends OnReplica {
  /** The tools the model asks for before it replies: "search", or "search+book" in one message. */
  readonly steps?: readonly string[];
  /** False: leaves an interrupt open. Default: answers it if the target declares `resume`. */
  readonly approve?: boolean;
}

/**
 * One user of one thread: sends messages, gets outcomes. After an unknown outcome the user
 * continues in a new session, as a client that reconnects does.
 */
export class Conversation {
  /** The harness's name of the thread, and of the conversation: "c3". */
  readonly name: string;
  readonly purpose: Purpose;
  /** The number of the deployment's boot in which it began. */
  readonly boot: number;
  readonly sound: boolean;
  deleted = false;
  readonly #context: ConversationContext;
  readonly #session: Session;
  readonly #attempts: Attempts;
  #next: Turn;
  #last: Spoken | null = null;
  /** One for each attempt that has not ended. */
  readonly #asking = new Set<AbortController>();
  #pending: Promise<unknown> = Promise.resolve();

  constructor(name: string, context: ConversationContext, options: ConversationOptions = {}) {
    const { target: talk, client, runId: run, turns, deployment, recording } = context;
    this.name = name;
    this.purpose = options.purpose ?? "workload";
    this.boot = deployment.boots;
    this.#context = context;
    const stray = options.stray === undefined ? {} : { stray: options.stray };
    const hide = (secret: string): void => recording.hide(secret);
    this.#session = new Session({
      ...{ talk, client, user: `user-${name}-${run}`, run, hide, ...stray },
    });
    this.sound = !this.#session.strays;
    this.#attempts = new Attempts(context, { thread: name, session: this.#session });
    this.#next = turns.open(name, 1);
  }

  /** The next turn, so that a scenario can hold a point of it before it begins. */
  get next(): Turn {
    return this.#next;
  }

  /** The service's id of the thread, as soon as there is one. */
  get threadId(): unknown {
    return this.#session.thread ?? null;
  }

  /** The reference to it in a recorded act. */
  toJSON(): { readonly $: string } {
    return { $: this.name };
  }

  /** Sends a new turn. */
  say(text: string, options: SayOptions = {}, purpose = this.purpose): Promise<Outcome> {
    return this.#act("say", [text, options], (act) => this.#sayNew(text, options, purpose, act));
  }

  /** Whether a retry of the last turn sends anything. If not, the user can only send a new turn. */
  get retrySends(): boolean {
    return retrySends(this.#context.target.retry, this.#last?.outcome.kind);
  }

  /**
   * Retries the last turn as the target declares: another attempt of the same turn, or a wait for
   * the reply to the first one.
   */
  retry(options: OnReplica = {}): Promise<Outcome> {
    return this.#act("retry", [options], (act) => this.#retry(options, act));
  }

  /**
   * Sends a new turn, and repeats it while the service refuses it, at most for the time in which
   * the target promises an answer.
   */
  insist(text: string, options: SayOptions = {}): Promise<Outcome> {
    return this.#act("insist", [text, options], (act) => {
      const insisting = this.#insist(text, options, act);
      this.#pending = insisting.catch(() => {});
      return insisting;
    });
  }

  /** Answers the interrupt of the last turn, so that it continues. */
  resume(options: OnReplica = {}): Promise<Outcome> {
    const last = this.#spoken();
    return this.#act("resume", [options], (act) =>
      this.#ask(last, options, (via) => this.#session.resume(last.turn.requestId, via), act),
    );
  }

  /** Drops the requests that have no answer yet, for the fault `hangUp`. Returns their number. */
  hangUp(): number {
    for (const asking of this.#asking) asking.abort(new Error("the client hung up"));
    return this.#asking.size;
  }

  /**
   * Resolves with true when the last turn has ended, or with false when it has taken longer than
   * the target promises. After false the scenario may heal the fault that blocks the turn.
   */
  answeredInTime(): Promise<boolean> {
    return this.#act("answeredInTime", [], () => {
      const ended = this.#pending.then(() => true);
      // A little more than promised, so that a difference between clocks does not matter.
      const ms = this.#context.target.promises.answerMs + 100;
      return Promise.race([ended, delay(ms, false, { ref: false })]);
    });
  }

  /**
   * Reads the thread, or asks the agent to recall it if nothing else shows it. Null: there is
   * nothing to read, or the list is unknown.
   */
  read(options: OnReplica & ReadOptions = {}): Promise<readonly Token[] | null> {
    return this.#act("read", [options], async (act) => {
      const { on, ...rest } = options;
      if (this.#context.memory.asks && rest.view !== "secondView") return this.#recall({ on }, act);
      const texts = await this.#attempts.reads.read(await this.#attempts.via(on, null), rest, act);
      return texts?.flatMap((text) => tokensIn(text)) ?? null;
    });
  }

  /**
   * Reads the thread until it shows the reply to the last turn, and resolves with that reply. Null:
   * the thread did not show it within the time that the target promises.
   */
  readUntilReplied(options: OnReplica = {}): Promise<string | null> {
    return this.#act("readUntilReplied", [options], (act) => this.#readUntilReplied(options, act));
  }

  /** Deletes the thread; true if the service confirms it. */
  delete(options: OnReplica = {}): Promise<boolean> {
    return this.#act("delete", [options], async () => {
      const { target, recording } = this.#context;
      if (target.delete === undefined) return false;
      const { status } = await this.#session.delete(await this.#attempts.via(options.on, null));
      const ok = status !== null && status < 300;
      this.deleted ||= ok;
      recording.record({ kind: "thread.deleted", thread: this.name, ok, status });
      return ok;
    });
  }

  /** Asks the agent what it remembers, with a message that is not a turn. Null: no answer. */
  recall(options: OnReplica = {}): Promise<readonly Token[] | null> {
    return this.#act("recall", [options], (act) => this.#recall(options, act));
  }

  #act<T>(does: string, given: readonly unknown[], body: (act?: number) => T): T {
    return this.#context.acts.run({ of: this.name, does, with: given }, body);
  }

  async #sayNew(
    text: string,
    options: SayOptions,
    purpose: Purpose,
    act?: number,
  ): Promise<Outcome> {
    const turn = this.#next;
    this.#next = this.#context.turns.open(this.name, turn.ordinal + 1);
    turn.said = text;
    turn.steps = options.steps ?? [];
    this.#last = { turn, purpose, outcome: unanswered };
    return this.#say(this.#last, options, act);
  }

  async #retry(options: OnReplica, act?: number): Promise<Outcome> {
    const last = this.#spoken();
    if (this.retrySends) return this.#say(last, options, act);
    const waits = last.outcome.kind === "unknown" && this.#context.target.retry === "wait";
    const reply = waits ? await this.#readUntilReplied(options, act) : null;
    if (reply !== null) last.outcome = { kind: "ok", reply };
    return last.outcome;
  }

  async #readUntilReplied({ on }: OnReplica, act?: number): Promise<string | null> {
    const { token } = this.#spoken().turn;
    const { answerMs } = this.#context.target.promises;
    return this.#attempts.reads.replyTo(token, answerMs, await this.#attempts.via(on, null), act);
  }

  async #recall({ on }: OnReplica, act?: number): Promise<readonly Token[] | null> {
    const turn = this.#context.turns.open(this.name);
    const said = { message: this.#context.target.recallPrompt, turn: turn.requestId };
    const spoken = { turn, purpose: "repeat", outcome: unanswered } as const;
    const answer = await this.#ask(spoken, { on }, (via) => this.#session.say(said, via), act);
    return answer.kind === "ok" ? tokensIn(answer.reply) : null;
  }

  #spoken(): Spoken {
    if (this.#last !== null) return this.#last;
    throw new Error(`${this.name} has sent no turn that could be retried`);
  }

  async #insist(text: string, options: SayOptions, act?: number): Promise<Outcome> {
    const deadline = performance.now() + this.#context.target.promises.answerMs;
    let outcome = await this.#sayNew(text, options, this.purpose, act);
    while (outcome.kind === "failed" && performance.now() < deadline) {
      await delay(refusedMs);
      outcome = await this.#retry(options, act);
    }
    return outcome;
  }

  /** Makes one attempt, and answers its interrupts if the target declares `resume`. */
  async #say(spoken: Spoken, options: SayOptions, act?: number): Promise<Outcome> {
    const { turn } = spoken;
    const said = { message: `${turn.said} [${turn.token}]`, turn: turn.requestId };
    let outcome = await this.#ask(spoken, options, (via) => this.#session.say(said, via), act);
    if (this.#context.target.resume === undefined || options.approve === false) return outcome;
    for (let n = 0; outcome.kind === "interrupted" && n < mostApprovals; n += 1) {
      outcome = await this.#ask(
        spoken,
        options,
        (via) => this.#session.resume(said.turn, via),
        act,
      );
    }
    return outcome;
  }

  #ask(spoken: Spoken, { on }: OnReplica, ask: Asking, act?: number): Promise<Outcome> {
    const asking = new AbortController();
    this.#asking.add(asking);
    const flight = this.#context.turns.fly(spoken.turn);
    const ended = this.#attempts.make(spoken, { on, ask, act }, asking.signal).finally(() => {
      this.#asking.delete(asking);
      flight[Symbol.dispose]();
    });
    this.#pending = ended.catch(() => {});
    return ended;
  }
}

/** The pause between a refusal and the next attempt, in milliseconds. */
const refusedMs = 50;
const unanswered = { kind: "unknown", why: "it has no answer yet" } as const;
/** A turn that asks for more approvals than this is in a loop. */
const mostApprovals = 10;
