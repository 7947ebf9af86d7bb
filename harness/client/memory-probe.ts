import type { Purpose } from "../history/history.ts";
import type { Capability } from "../history/capability.ts";
import { tokensIn, type Token } from "../history/token.ts";

/**
 * Shows what an agent remembers if the harness sees neither prompts nor states. Either replies
 * repeat earlier messages, or the harness asks the agent to recall them. The probe learns on a
 * separate thread which of the two works. A constant reply or an echo of the last message does not
 * count.
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
