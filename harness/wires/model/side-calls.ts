import type { Token } from "../../history/token.ts";
import type { Turn } from "../../history/turn.ts";
import type { Message } from "./message.ts";

/** How a model call is made: the same for each turn, independent of the messages. */
type Shape = string;

/** What distinguishes calls besides their messages. */
export interface Offer {
  /** Names of the tools that the model may choose from, without one that it must take. */
  readonly tools: readonly string[];
  /** The required form of the answer, as JSON. */
  readonly form: string;
}

/**
 * The calls that a service makes beside a turn: titles, summaries, routing. They contain the turn's
 * message but not the thread. The harness learns them from answered turns on separate threads: the
 * call whose reply the user received is the turn's; calls of another shape without tools are not.
 */
export class SideCalls {
  readonly #calls: { turn: Turn; shape: Shape; token: Token | null; offer: Offer }[] = [];
  /** Replies to the warm-up turns. */
  readonly #replies = new Map<Turn, string>();
  readonly #own = new Set<Shape>();
  readonly #side = new Set<Shape>();

  /** Records a call of a turn, and the token in its answer; null: the turn was over. */
  record(turn: Turn, messages: readonly Message[], offer: Offer, token: Token | null): void {
    this.#calls.push({ turn, shape: shapeOf(turn, messages, offer), token, offer });
    const reply = this.#replies.get(turn);
    if (reply !== undefined) this.learn(turn, reply);
  }

  /** Learns from a turn and its reply. Calls made beside it later are learned as well. */
  learn(turn: Turn, reply: string): void {
    this.#replies.set(turn, reply);
    const calls = this.#calls.filter((it) => it.turn === turn);
    const own = calls.filter(({ token }) => token !== null && reply.includes(token));
    if (own.length === 0) return;
    for (const { shape } of own) this.#own.add(shape);
    for (const { shape, offer } of calls) if (offer.tools.length === 0) this.#side.add(shape);
  }

  has(turn: Turn, messages: readonly Message[], offer: Offer): boolean {
    const shape = shapeOf(turn, messages, offer);
    return this.#side.has(shape) && !this.#own.has(shape);
  }
}

/** The length of an instruction that is compared; the rest may change from turn to turn. */
const tellingChars = 200;

function shapeOf(turn: Turn, messages: readonly Message[], { tools, form }: Offer): Shape {
  const system = messages.filter(({ role }) => role === "system" || role === "developer");
  const said = messages.findLast(({ text }) => text.includes(turn.token))?.text ?? "";
  const [before = "", after = ""] = said.split(`${turn.said} [${turn.token}]`);
  const texts = [system.map(({ text }) => text).join("\n"), before, after];
  return JSON.stringify([
    ...texts.map((text) => text.replaceAll(/\d+/g, "#").slice(0, tellingChars)),
    tools.toSorted(),
    form,
  ]);
}
