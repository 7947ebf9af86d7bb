import type { Capability, Purpose } from "../history/history.ts";
import { tokensIn, type Token } from "../history/token.ts";

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
