import type { Replica } from "../deployment/replica.ts";
import type { Outcome, Purpose } from "../history/history.ts";
import type { Turn } from "../history/turn.ts";
import type { ConversationContext } from "./conversation-context.ts";
import type { Via } from "./http-client.ts";
import { Reads } from "./reads.ts";
import type { Reply, Session } from "./session.ts";

/** A turn that was sent, and its outcome so far. */
export interface Spoken {
  readonly turn: Turn;
  readonly purpose: Purpose;
  outcome: Outcome;
}

export type Asking = (via: Via) => Promise<Reply>;

/** The rest of an attempt: its start in the history, its client, its remaining time. */
interface Left {
  readonly seq: number;
  readonly hangUp: AbortSignal;
  readonly leftMs: number;
}

/** The attempts of one conversation: sends each, interprets its reply, and records both ends. */
export class Attempts {
  readonly reads: Reads;
  readonly #context: ConversationContext;
  readonly #of: { readonly thread: string; readonly session: Session };
  #count = 0;
  /** Counts the sessions, from 1: see `Conversation`. */
  #sessions = 1;

  constructor(context: ConversationContext, of: { thread: string; session: Session }) {
    this.#context = context;
    this.#of = of;
    const { recording, target } = context;
    this.reads = new Reads({ ...of, recording, target, client: () => this.#client });
  }

  get #client(): string {
    return `${this.#of.thread}#${this.#sessions}`;
  }

  /** Sends one attempt of a turn, and resolves with its outcome. */
  async make(
    spoken: Spoken,
    { on, ask, act }: { on: Replica | undefined; ask: Asking; act: number | undefined },
    hangUp: AbortSignal,
  ): Promise<Outcome> {
    const { recording, target, holds, memory, gate } = this.#context;
    using _alone = await gate?.enter();
    const { turn, purpose } = spoken;
    const { thread, session } = this.#of;
    this.#count += 1;
    const attempt = `${thread}/attempt ${this.#count}`;
    const via = await this.via(on, hangUp);
    const notBegun = await session.begin(via);
    const begin = recording.record({
      kind: "attempt.begin",
      attempt,
      turn: turn.name,
      thread,
      client: this.#client,
      requestId: target.retry === "same-request-id" ? turn.requestId : null,
      threadId: session.sent ?? null,
      sound: !session.strays,
      on: on?.name ?? null,
      purpose,
      steps: turn.steps,
      ...(act === undefined ? {} : { act }),
    });
    const deadline = performance.now() + target.turnTimeoutMs;
    const reply = notBegun ?? (await ask(via));
    const leftMs = deadline - performance.now();
    const outcome = await this.#outcomeOf(reply, turn, { seq: begin.seq, hangUp, leftMs });
    spoken.outcome = outcome;
    if (outcome.kind === "ok") turn.settled = true;
    if (outcome.kind === "unknown") this.#sessions += 1;
    // After a hang-up the turn may still continue. After an interrupt that can be resumed it will.
    const goesOn = outcome.kind === "interrupted" && target.resume !== undefined;
    if (!hangUp.aborted && !goesOn) holds.ended(turn);
    const { served: replica, status, deniedBy = [] } = reply;
    const denied = deniedBy.length === 0 ? {} : { deniedBy };
    const list = outcome.kind === "ok" ? memory.shown(outcome.reply, purpose, turn.token) : null;
    const end = { kind: "attempt.end", attempt, outcome, replica, status, list } as const;
    recording.record({ ...end, ...denied });
    return outcome;
  }

  async #outcomeOf(
    { meaning }: Reply,
    turn: Turn,
    { seq, hangUp, leftMs }: Left,
  ): Promise<Outcome> {
    switch (meaning.kind) {
      case "accepted":
        return this.#readReply(turn, hangUp, leftMs);
      case "refused":
        // A refusal counts only if no wire saw this attempt.
        return { kind: this.#ran(turn, seq) ? "unknown" : "failed", why: meaning.why };
      default:
        return meaning;
    }
  }

  /** Reads the reply to a turn that was only accepted. The ingress chooses the replica. */
  async #readReply(turn: Turn, hangUp: AbortSignal, withinMs: number): Promise<Outcome> {
    const { target } = this.#context;
    if (target.read === undefined) {
      return {
        kind: "unknown",
        why: 'accepted, but without "read" the harness cannot see the reply',
      };
    }
    const via = await this.via(undefined, hangUp);
    const reply = await this.reads.replyTo(turn.token, withinMs, via);
    if (reply !== null) return { kind: "ok", reply };
    const why = `accepted, but the thread showed no reply within ${target.turnTimeoutMs} ms`;
    return { kind: "unknown", why: hangUp.aborted ? "the client hung up" : why };
  }

  /** The route and the limits of a request of this conversation. */
  async via(on: Replica | undefined, hangUp: AbortSignal | null): Promise<Via> {
    const { target, deployment } = this.#context;
    // In a run with a single replica, "the other one" is the same replica, restarted.
    if (on !== undefined && deployment.replicas.length === 1 && !on.running) await on.start();
    return { on: on?.name ?? null, timeoutMs: target.turnTimeoutMs, hangUp };
  }

  #ran(turn: Turn, since: number): boolean {
    return this.#context.recording.entries
      .slice(since)
      .some((it) => (it.kind === "model.call" || it.kind === "tool.call") && it.turn === turn.name);
  }
}
