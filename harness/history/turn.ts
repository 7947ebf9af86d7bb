import { type Token } from "./token.ts";
import type { Random } from "./random.ts";

/**
 * One message and its answer. The script of a turn is data: the tools that the model requests,
 * one by one or several at once, before it replies. A turn with n steps makes n + 1 model calls,
 * independent of replicas and interruptions.
 */
export class Turn {
  /** The token of the turn. Reports replace it with "turn 3". */
  readonly name: string;
  /** The harness's name of the thread. */
  readonly thread: string;
  readonly token: Token;
  /** The same in every attempt, and unique to this run: a service may store it for days. */
  readonly requestId: string;
  /** Number of the message in its thread, from 1; 0: not a message of the conversation. */
  readonly ordinal: number;
  /** The user's text, without the token. */
  said = "";
  /** Requested tools, one entry per model message: "search", or "search+book" for both at once. */
  steps: readonly string[] = [];
  /** True after acknowledgement: a later model call with its token is a side call. */
  settled = false;
  /** The number of attempts so far. */
  attempts = 0;
  /** Counts the turns of a run by their first attempt, from 1; 0: it was not sent yet. */
  begun = 0;

  constructor(given: Pick<Turn, "thread" | "token" | "requestId" | "ordinal">) {
    this.name = given.token;
    this.thread = given.thread;
    this.token = given.token;
    this.requestId = given.requestId;
    this.ordinal = given.ordinal;
  }

  /** The reference in a recorded act: `{$turn: ["c3", 2]}` is the second message of c3. */
  toJSON(): { readonly $turn: readonly [string, number] } {
    return { $turn: [this.thread, this.ordinal] };
  }
}

/** A tool call that the model requested: its turn and its position in the script. */
export interface Step {
  readonly turn: Turn;
  /** From 1, over all tools of the turn. */
  readonly ordinal: number;
}

/** All turns and tokens of one run of a scenario. Creates tokens, and finds turns by token. */
export class Turns {
  readonly #byToken = new Map<Token, Turn>();
  readonly #steps = new Map<Token, Step>();
  /** The turns whose model calls were answered with a reply, by the token of the reply. */
  readonly #replied = new Map<Token, Turn>();
  readonly #flying = new Set<Turn>();
  readonly #random: Random;
  readonly #run: string;
  /** The latest turn, if no other turn was in flight when it began. */
  #latest: Turn | null = null;
  #count = 0;
  #begun = 0;

  /** `run`: unique to this run, independent of the seed. */
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

  /** Marks an attempt as begun. Dispose the result when the attempt ends. */
  fly(turn: Turn): Disposable {
    turn.attempts += 1;
    if (turn.attempts === 1) {
      this.#begun += 1;
      turn.begun = this.#begun;
    }
    this.#latest = this.#flying.size === 0 ? turn : null;
    this.#flying.add(turn);
    return { [Symbol.dispose]: () => void this.#flying.delete(turn) };
  }

  /**
   * The only turn in flight. If no turn is in flight, the latest one, if it ran alone: the service
   * may save after its reply. Null: several turns.
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

  /** Whether an attempt of the turn is not over. */
  isInFlight(turn: Turn): boolean {
    return this.#flying.has(turn);
  }

  /** A token for one model reply. It is unique per call, so two executions of a turn differ. */
  replyToken(turn: Turn | null = null): Token {
    const token = this.#mint("a");
    if (turn !== null) this.#replied.set(token, turn);
    return token;
  }

  /** The turn whose model call was answered with this reply; undefined: unknown. */
  repliedTo(token: Token): Turn | undefined {
    return this.#replied.get(token);
  }

  /** A token for one tool call that the model requests. */
  stepToken(step: Step): Token {
    const token = this.#mint("s");
    this.#steps.set(token, step);
    return token;
  }

  /** Eight characters: four random ones and a counter, which makes it unique in the run. */
  #mint(sort: "q" | "a" | "s"): Token {
    this.#count += 1;
    const count = this.#count.toString(36).padStart(4, "0");
    return `tp${sort}-${this.#random.text(4)}${count}`;
  }
}

/** One tool call of a turn's script. */
export interface ScriptedCall {
  readonly tool: string;
  /** Number of the model call that requests it, from 1. */
  readonly askedBy: number;
}

/**
 * The tool calls of a script, in order. A step is one message of the model: one tool, or several
 * joined by "+". No provider allows "+" in a tool name.
 */
export function callsOf(steps: readonly string[]): ScriptedCall[] {
  return steps.flatMap((step, i) => step.split("+").map((tool) => ({ tool, askedBy: i + 1 })));
}

/** A tool that the model requests next. */
export interface Ask {
  readonly tool: string;
  /** Position among the tools of the turn, from 1. */
  readonly ordinal: number;
}

/**
 * The next model call of a script after `answered` tools have answered: its number, from 1, and the
 * tools that it requests. `asks` is empty if the model replies. If a service continues after only
 * some tools of one message, `asks` contains the remaining ones.
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
