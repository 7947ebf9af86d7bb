import type { Token } from "./history.ts";
import type { Random } from "./random.ts";

/**
 * One message and its answer. The script of a turn is data: which tools the model asks for, one
 * after the other, before it replies. So a turn with n steps makes n + 1 model calls and n tool
 * calls, whichever replica runs them and however often it was interrupted.
 */
export interface Turn {
  readonly name: string;
  /** The harness's name of the thread. */
  readonly thread: string;
  readonly token: Token;
  /** The same in every attempt. */
  readonly requestId: string;
  /** Counts the messages of its thread, from 1; 0: it is none. */
  readonly ordinal: number;
  /** What the user says, without the token. */
  said: string;
  /** Names of tools, in the order in which the script asks for them. */
  steps: readonly string[];
  /** Settled: acknowledged. A model call that names it from now on is a side call. */
  settled: boolean;
  /** How often it was begun. */
  attempts: number;
}

/** A tool call that the model asked for: which turn and which place in its script. */
export interface Step {
  readonly turn: Turn;
  /** From 1. */
  readonly ordinal: number;
}

/** All turns and tokens of one run of a scenario: who a token belongs to, and which come next. */
export class Turns {
  readonly #byToken = new Map<Token, Turn>();
  readonly #steps = new Map<Token, Step>();
  readonly #flying = new Set<Turn>();
  readonly #random: Random;
  #count = 0;

  constructor(random: Random) {
    this.#random = random.fork("tokens");
  }

  open(thread: string, ordinal = 0): Turn {
    const token = this.#mint("q");
    const requestId = this.#random.text(16);
    // Named by its token: reports put "turn 3" in its place, as they number the lists.
    const turn = {
      name: token,
      thread,
      token,
      requestId,
      ordinal,
      said: "",
      steps: [],
      settled: false,
      attempts: 0,
    };
    this.#byToken.set(token, turn);
    return turn;
  }

  /** An attempt of it begins; disposed of when it ends. */
  fly(turn: Turn): Disposable {
    turn.attempts += 1;
    this.#flying.add(turn);
    return { [Symbol.dispose]: () => void this.#flying.delete(turn) };
  }

  /** The only turn in flight; null: there is none, or there are several. */
  get alone(): Turn | null {
    const [turn = null, other] = this.#flying;
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

/**
 * A place in a turn where it can be caught. For a call its answer is not yet given: "model call 2"
 * and "search" are there before anything was answered; "after model call 2" once it has, and nobody
 * has heard. For statements see `statementPoint`.
 */
export type Point = string;

/** The points of a turn with these steps, in order: "model call 1", "search", "model call 2", … */
export function pointsOf(steps: readonly string[]): Point[] {
  return [...steps.flatMap((tool, i) => [modelPoint(i + 1), tool]), modelPoint(steps.length + 1)];
}

export function modelPoint(ordinal: number): Point {
  return `model call ${ordinal}`;
}

/** Before a tool has done anything. */
export function beforeTool(tool: string, ordinal: number): Point {
  return `before ${tool} ${ordinal}`;
}

export function afterModel(ordinal: number): Point {
  return `after ${modelPoint(ordinal)}`;
}
