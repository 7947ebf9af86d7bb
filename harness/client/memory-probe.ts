import type { Purpose } from "../history/history.ts";
import type { Capability } from "../history/capability.ts";
import { tokensIn, type Token } from "../history/token.ts";

/**
 * How the harness sees what an agent remembers if it sees neither prompts nor states: in replies
 * that repeat earlier messages, or by asking the agent to recall them. It learns which of the two
 * works on a separate thread. A constant reply, or an echo of the last message, shows nothing.
 */
export class MemoryProbe {
  /** Whether neither prompts nor states are visible. */
  readonly isWanted: boolean;
  #through: "replies" | "repeats" | null = null;

  constructor(capabilities: readonly Capability[]) {
    this.isWanted = !capabilities.includes("model") && !capabilities.includes("state");
  }

  /** Whether the agent recalls messages when it is asked to. */
  get asks(): boolean {
    return this.#through === "repeats";
  }

  /** Learns from a reply on a thread whose earlier messages carried the tokens `said`. */
  learn(through: "replies" | "repeats", reply: string, said: readonly Token[]): void {
    const repeated = tokensIn(reply, "q");
    if (said.every((token) => repeated.includes(token))) this.#through ??= through;
  }

  /**
   * The tokens that a reply to the message `own` shows of its thread; null: none. An agent that
   * repeats all earlier messages need not repeat the last one.
   */
  shown(reply: string, purpose: Purpose, own: Token): readonly Token[] | null {
    if (purpose === "repeat") return tokensIn(reply);
    if (this.#through !== "replies") return null;
    return [...tokensIn(reply).filter((token) => token !== own), own];
  }
}
