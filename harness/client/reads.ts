import { setTimeout as delay } from "node:timers/promises";
import { tokensIn, type Token } from "../history/token.ts";
import type { Recording } from "../history/recording.ts";
import { replyTo } from "./reply.ts";
import type { Session } from "./session.ts";
import type { Via } from "./http-client.ts";
import type { Target } from "../config/configuration.ts";

/** A thread as one of its readers, with what it takes to read it. */
interface Read {
  readonly thread: string;
  readonly session: Session;
  readonly recording: Recording;
  readonly target: Target;
}

export interface ReadOptions {
  /** After everything was healed: what is missing is lost. */
  readonly final?: boolean;
  /** The second view, where there is one. */
  readonly view?: "read" | "secondView";
}

/** All reads of one thread, each of them in the history. */
export class Reads {
  readonly #of: Read;
  #count = 0;

  constructor(of: Read) {
    this.#of = of;
  }

  /**
   * The messages as they stand in a view of the thread, each as text. An answer that is none is
   * recorded as unknown. Null: there is nothing to be read, or it is not known.
   */
  async read(via: Via, options: ReadOptions = {}): Promise<readonly string[] | null> {
    const { thread, session, recording, target } = this.#of;
    const { final = false, view = "read" } = options;
    if (target[view] === undefined || session.thread === undefined) return null;
    this.#count += 1;
    const read = `${thread}/${view} ${this.#count}`;
    const { client, on } = via;
    const begin = { kind: "read.begin", read, thread, client, on, final } as const;
    recording.record({ ...begin, ...recording.underAct });
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
   * Reads again and again until a turn stands there with its reply, and answers with that; null: it
   * did not in time, or the client has hung up.
   */
  async replyTo(token: Token, withinMs: number, via: Via): Promise<string | null> {
    const voiced = this.#of.recording.header.capabilities.includes("model");
    const deadline = performance.now() + withinMs;
    for (;;) {
      const reply = replyTo(token, (await this.read(via)) ?? [], { voiced });
      if (reply !== null || via.hangUp?.aborted === true) return reply;
      if (performance.now() > deadline) return null;
      await delay(rereadMs);
    }
  }
}

/** Between two looks at a thread. */
const rereadMs = 50;
