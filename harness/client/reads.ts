import { setTimeout as delay } from "node:timers/promises";
import { tokensIn, type Token } from "../history/token.ts";
import type { ThreadView } from "../history/history.ts";
import type { Recording } from "../history/recording.ts";
import { replyTo } from "./find-reply.ts";
import type { Session } from "./session.ts";
import type { Via } from "./http-client.ts";
import type { Target } from "../config/configuration.ts";

/** A thread, and everything that is needed to read it. */
interface Readable {
  readonly thread: string;
  readonly session: Session;
  readonly recording: Recording;
  readonly target: Target;
  /** The session that reads: see `Conversation`. */
  readonly client: () => string;
}

export interface ReadOptions {
  /** True for a read after all faults are healed: a message that is missing now is lost. */
  readonly final?: boolean;
  /** Selects the view of the thread. Default: "read". */
  readonly view?: ThreadView;
}

/** Reads one thread, and records each read in the history. */
export class Reads {
  readonly #of: Readable;
  #count = 0;

  constructor(of: Readable) {
    this.#of = of;
  }

  /**
   * The messages of a view of the thread, each as text. A response without a list is recorded as
   * unknown. Null: there is nothing to read, or the list is unknown.
   */
  async read(via: Via, options: ReadOptions = {}, act?: number): Promise<readonly string[] | null> {
    const { thread, session, recording, target } = this.#of;
    const { final = false, view = "read" } = options;
    if (target[view] === undefined || session.thread === undefined) return null;
    this.#count += 1;
    const read = `${thread}/${view} ${this.#count}`;
    const client = this.#of.client();
    const begin = { kind: "read.begin", read, thread, view, client, on: via.on, final } as const;
    recording.record({ ...begin, ...(act === undefined ? {} : { act }) });
    const { listed, channels, served: replica, status } = await session.view(view, via);
    const texts = listed.kind === "listed" ? listed.texts : null;
    const list = texts?.flatMap((text) => tokensIn(text)) ?? null;
    const why = listed.kind === "listed" ? null : listed.why;
    const shown = Object.entries(channels).map(([name, text]) => [name, tokensIn(text)] as const);
    const more = list === null || shown.length === 0 ? {} : { channels: Object.fromEntries(shown) };
    recording.record({ kind: "read.end", read, replica, list, ...more, status, why });
    return texts;
  }

  /**
   * Reads until the thread shows the reply to a turn, and resolves with that reply. Null: the time
   * ran out, or the client hung up.
   */
  async replyTo(token: Token, withinMs: number, via: Via, act?: number): Promise<string | null> {
    const voiced = this.#of.recording.header.capabilities.includes("model");
    const deadline = performance.now() + withinMs;
    for (;;) {
      const reply = replyTo(token, (await this.read(via, {}, act)) ?? [], { voiced });
      if (reply !== null || via.hangUp?.aborted === true) return reply;
      if (performance.now() > deadline) return null;
      await delay(rereadMs);
    }
  }
}

/** The pause between two reads, in milliseconds. */
const rereadMs = 50;
