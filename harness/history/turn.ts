import { type Token } from "./token.ts";
import type { Random } from "./random.ts";

/**
 * One message and its answer. The script of a turn is data: which tools the model asks for, one
 * after the other or several at once, before it replies. So a turn with n steps makes n + 1 model
 * calls, whichever replica runs them and however often it was interrupted.
 */
export class Turn {
  /** Its token: reports replace it by "turn 3". */
  readonly name: string;
  /** The harness's name of the thread. */
  readonly thread: string;
  readonly token: Token;
  /** The same in every attempt, and in no other run: a service may remember it for days. */
  readonly requestId: string;
  /** Counts the messages of its thread, from 1; 0: it is not a message of the conversation. */
  readonly ordinal: number;
  /** What the user says, without the token. */
  said = "";
  /** What the model asks for, message by message: "search", or "search+book" at once. */
  steps: readonly string[] = [];
  /** Acknowledged. A model call that names it from now on is a side call. */
  settled = false;
  /** The number of attempts so far. */
  attempts = 0;

  constructor(given: Pick<Turn, "thread" | "token" | "requestId" | "ordinal">) {
    this.name = given.token;
    this.thread = given.thread;
    this.token = given.token;
    this.requestId = given.requestId;
    this.ordinal = given.ordinal;
  }

  /** How a recorded act refers to it: the second message of c3 is `{$turn: ["c3", 2]}`. */
  toJSON(): { readonly $turn: readonly [string, number] } {
    return { $turn: [this.thread, this.ordinal] };
  }
}

/** A tool call that the model asked for: which turn and which place in its script. */
export interface Step {
  readonly turn: Turn;
  /** From 1, over all tools of the turn. */
  readonly ordinal: number;
}

/** All turns and tokens of one run of a scenario: who a token belongs to, and which come next. */
export class Turns {
  readonly #byToken = new Map<Token, Turn>();
  readonly #steps = new Map<Token, Step>();
  readonly #flying = new Set<Turn>();
  readonly #random: Random;
  readonly #run: string;
  /** The last that was begun with no other in flight. */
  #latest: Turn | null = null;
  #count = 0;

  /** `run`: of this one alone, whatever its seed. */
  constructor(random: Random, run: string) {
    this.#random = random.fork("tokens");
    this.#run = run;
  }

  open(thread: string, ordinal = 0): Turn {
    const token = this.#mint("q");
    const requestId = `${this.#run}${this.#random.text(8)}`;
    const turn = new Turn({ thread, token, requestId, ordinal });
    this.#byToken.set(token, turn);
    return turn;
  }

  /** An attempt of it begins; disposed of when it ends. */
  fly(turn: Turn): Disposable {
    turn.attempts += 1;
    this.#latest = this.#flying.size === 0 ? turn : null;
    this.#flying.add(turn);
    return { [Symbol.dispose]: () => void this.#flying.delete(turn) };
  }

  /**
   * The only turn in flight; where there is none, the last, if it was alone: a service may still
   * save what it has replied. Null: there are several.
   */
  get alone(): Turn | null {
    const [turn = this.#latest, other] = this.#flying;
    return other === undefined ? turn : null;
  }

  find(token: Token): Turn | undefined {
    return this.#byToken.get(token);
  }

  step(token: Token): Step | undefined {
    return this.#steps.get(token);
  }

  /** A token for one reply of the model: unique per call, so that two runs of a turn differ. */
  replyToken(): Token {
    return this.#mint("a");
  }

  /** A token for one tool call that the model asks for. */
  stepToken(step: Step): Token {
    const token = this.#mint("s");
    this.#steps.set(token, step);
    return token;
  }

  /** Eight characters, the first four random, the last four counting: never used again in a run. */
  #mint(sort: "q" | "a" | "s"): Token {
    this.#count += 1;
    const count = this.#count.toString(36).padStart(4, "0");
    return `tp${sort}-${this.#random.text(4)}${count}`;
  }
}

/** One tool call of a turn's script. */
export interface ScriptedCall {
  readonly tool: string;
  /** The model call that asks for it, from 1. */
  readonly askedBy: number;
}

/**
 * The tool calls of a script, in order. A step is what one message of the model asks for: a tool,
 * or several at once, joined by "+", which no provider allows in a name.
 */
export function callsOf(steps: readonly string[]): ScriptedCall[] {
  return steps.flatMap((step, i) => step.split("+").map((tool) => ({ tool, askedBy: i + 1 })));
}

/** A tool that the model asks for next. */
export interface Ask {
  readonly tool: string;
  /** Its place among the tools of the turn, from 1. */
  readonly ordinal: number;
}

/**
 * What a script says once so many of its tools have answered: which model call that is, from 1,
 * and what it asks for, which is nothing where it replies. Where one message asked for several,
 * and a service goes on with some of them, that is the rest of them.
 */
export function scriptAt(
  { steps }: Turn,
  answered: number,
): { readonly ordinal: number; readonly asks: readonly Ask[] } {
  const calls = callsOf(steps);
  const next = calls[answered];
  if (next === undefined) return { ordinal: steps.length + 1 + answered - calls.length, asks: [] };
  const asks = calls.flatMap(({ tool, askedBy }, i) =>
    i >= answered && askedBy === next.askedBy ? [{ tool, ordinal: i + 1 }] : [],
  );
  return { ordinal: next.askedBy, asks };
}
