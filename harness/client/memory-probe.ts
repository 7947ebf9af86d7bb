import {
  entriesOf,
  tokensIn,
  type Capability,
  type History,
  type Purpose,
  type Token,
} from "../history/history.ts";
import type { Eye } from "../report/result.ts";

/**
 * Where we see what the agent remembers when neither its prompts nor its states are ours to look
 * at: in what it replies anyway, or in what it repeats when it is asked to. Which of them, is
 * learned from a thread of its own: a reply that is always the same shows nothing, nor does one
 * that says no more than what was just said.
 */
export class Sight {
  /** Whether neither the prompts nor the states are seen. */
  readonly isWanted: boolean;
  #through: "replies" | "repeats" | null = null;

  constructor(capabilities: readonly Capability[]) {
    this.isWanted = !capabilities.includes("model") && !capabilities.includes("state");
  }

  /** Whether the agent repeats what it was told when it is asked to. */
  get asks(): boolean {
    return this.#through === "repeats";
  }

  /** A reply on a thread that was told something before, to a turn or to being asked. */
  learn(through: "replies" | "repeats", reply: string, told: readonly Token[]): void {
    const repeated = tokensIn(reply, "q");
    if (told.every((token) => repeated.includes(token))) this.#through ??= through;
  }

  /**
   * What a reply to the message `own` shows of its thread; null: nothing. Who answers with all that
   * it was told before need not repeat what it was told just now.
   */
  shown(reply: string, purpose: Purpose, own: Token): readonly Token[] | null {
    if (purpose === "repeat") return tokensIn(reply);
    if (this.#through !== "replies") return null;
    return [...tokensIn(reply).filter((token) => token !== own), own];
  }
}

/** Through what the threads of a run were seen, but for those of the warm-up. */
export function seenThrough(history: History): Eye[] {
  const begins = entriesOf(history, "attempt.begin");
  const strange = new Set(begins.flatMap((it) => (it.purpose === "warm-up" ? [it.thread] : [])));
  const judged = begins.filter(({ thread }) => !strange.has(thread));
  const turns = new Set<string | null>(judged.map(({ turn }) => turn));
  const threads = new Set(judged.map(({ thread }) => thread));
  const repeats = new Set(judged.flatMap((it) => (it.purpose === "repeat" ? [it.attempt] : [])));
  const attempts = new Set(judged.map(({ attempt }) => attempt));
  const reads = new Set(
    entriesOf(history, "read.begin").flatMap((it) => (threads.has(it.thread) ? [it.read] : [])),
  );
  const shown = entriesOf(history, "attempt.end").filter(
    ({ attempt, list }) => list !== null && attempts.has(attempt),
  );
  const seen: Readonly<Record<Eye, boolean>> = {
    "model wire": entriesOf(history, "model.call").some(({ turn }) => turns.has(turn)),
    state: entriesOf(history, "read.end").some((it) => it.list !== null && reads.has(it.read)),
    replies: shown.some(({ attempt }) => !repeats.has(attempt)),
    "asking it to repeat": shown.some(({ attempt }) => repeats.has(attempt)),
  };
  return (Object.keys(seen) as Eye[]).filter((eye) => seen[eye]);
}
