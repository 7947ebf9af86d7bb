import type { Token } from "../../history/token.ts";
import type { Turn } from "../../history/turn.ts";
import type { Message } from "./message.ts";

/** A model call as the way it is made: the same for each turn, whatever is said. */
type Shape = string;

/** What tells calls apart besides their messages. */
export interface Offer {
  /** Names of the tools that the model may choose from; one that it must take is none. */
  readonly tools: readonly string[];
  /** The form that the answer must have, as JSON. */
  readonly form: string;
}

/**
 * The calls that a service makes beside a turn: titles, summaries, routing. They carry the turn's
 * message, and show nothing of the thread. They are learned from turns that were answered, on
 * threads of their own: the call whose reply was passed on is the turn's, calls of another shape
 * without tools are not.
 */
export class SideCalls {
  readonly #heard: { turn: Turn; shape: Shape; token: Token | null; offer: Offer }[] = [];
  /** What the users of the turns from which is learned were told. */
  readonly #told = new Map<Turn, string>();
  readonly #own = new Set<Shape>();
  readonly #side = new Set<Shape>();

  /** A call of a turn, and the token that it was answered with; null: the turn was over. */
  hear(turn: Turn, messages: readonly Message[], offer: Offer, token: Token | null): void {
    this.#heard.push({ turn, shape: shapeOf(turn, messages, offer), token, offer });
    const told = this.#told.get(turn);
    if (told !== undefined) this.learn(turn, told);
  }

  /** A turn, and what its user was told. Calls that are still made beside it are learned, too. */
  learn(turn: Turn, reply: string): void {
    this.#told.set(turn, reply);
    const calls = this.#heard.filter((it) => it.turn === turn);
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

/** So much of an instruction tells it from another; what follows may change from turn to turn. */
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
