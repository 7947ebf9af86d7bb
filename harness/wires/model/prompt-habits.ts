import type { Habits } from "../../history/header.ts";

/**
 * How a service writes its prompts. The baseline conversation shows it; without one it is learnt
 * from prompts that leave no doubt.
 */
export class PromptHabits {
  #isNewestFirst: boolean;
  #historyInSystem: boolean | null;

  constructor(known?: Pick<Habits, "promptOrder" | "historyInSystem">) {
    this.#isNewestFirst = known?.promptOrder === "newest first";
    this.#historyInSystem = known?.historyInSystem ?? null;
  }

  /** Whether prompts are known to show the newest message first. */
  get isNewestFirst(): boolean {
    return this.#isNewestFirst;
  }

  /** Whether the history is in system messages; null: it is not known. */
  get historyInSystem(): boolean | null {
    return this.#historyInSystem;
  }

  /** A prompt shows earlier turns of its thread outside of system messages. */
  showsHistoryInMessages(): void {
    this.#historyInSystem ??= false;
  }

  /** A prompt shows three turns or more, the newest first. */
  showsNewestFirst(): void {
    this.#isNewestFirst = true;
  }
}
