import { z } from "zod";
import type { Conversation, ConversationOptions } from "../client/conversation.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { Fault, HeldFault } from "../deployment/fault.ts";
import { capabilities, type Capability } from "../history/history.ts";
import type { Random } from "../history/random.ts";
import { mistakesIn } from "../config/config-error.ts";
import type { Point, Turn } from "../history/turn.ts";
import type { Checker } from "../checkers/verdict.ts";
import type { Held, HoldOptions } from "../wires/hold.ts";

/** What a scenario plays with. Everything that is done on it ends up in the history. */
export interface Stage {
  readonly deployment: Deployment;
  /** A user of a thread of its own; the thread is created with the first turn. */
  conversation(options?: ConversationOptions): Conversation;
  /** Keeps a call of a turn open: `using held = hold(user.next, "book")`. */
  hold(turn: Turn, point: Point, options?: HoldOptions): Held;
  /** Injects a fault. Disposing heals it; the engine heals what is still held at the end. */
  inject<Holding extends HeldFault>(fault: Fault<Holding>): Promise<Holding>;
  /** With the capability "statements": resolves once nothing is on its way to the database. */
  quiet(): Promise<void>;
  /**
   * Resolves once nothing was seen on any wire for so long: who waits for something has come as far
   * as it gets. After twenty times as long at the latest: who polls is never still.
   */
  lull(ms: number): Promise<void>;
  readonly random: Random;
}

/**
 * One claim about a service, said positively, and the workload with its faults that puts it to the
 * test. A scenario knows no target: what is expected of one belongs to the target.
 */
export interface Scenario {
  readonly claim: string;
  /**
   * Its place in the report: the scenario under which a user loses most comes first. Scenarios of
   * one rank are ordered by name, so a new one takes the rank of the scenario that it resembles.
   * Scenarios without a rank come last.
   */
  readonly rank?: number;
  /** A target that lacks one of these is not run, with the reason. */
  readonly needs: readonly Capability[];
  /** A plain async function: the language is the generator. */
  run(stage: Stage): Promise<void>;
  /** In the order in which a violation of them is reported. */
  readonly checks: readonly Checker[];
}

export function scenario(definition: Scenario): Scenario {
  return definition;
}

const isFunction = (it: unknown): boolean => typeof it === "function";

const shape = z.object({
  claim: z.string().min(1),
  rank: z.number().optional(),
  needs: z.array(z.enum(capabilities)),
  run: z.custom(isFunction, { error: "allowed is a function" }),
  checks: z.array(
    z.object({
      name: z.string(),
      needs: z.array(z.enum(capabilities)),
      judge: z.custom(isFunction, { error: "allowed is a function" }),
    }),
  ),
});

/** Believes that what a file exports is a scenario. Throws one sentence per mistake. */
export function scenarioOf(value: unknown, file: string): Scenario {
  const mistakes = mistakesIn(shape, { value, written: value });
  if (mistakes.length === 0) return value as Scenario;
  const told = mistakes.map(
    ({ path, says }) => `${path.map(String).join(".") || "the whole"}: ${says}`,
  );
  throw new Error(
    [`${file} does not export a scenario: export default scenario({ claim, … })`, ...told].join(
      "\n  ",
    ),
  );
}
