import { z } from "zod";
import type { Conversation, ConversationOptions } from "../client/conversation.ts";
import type { BootOn, Deployment, SurveyOptions } from "../deployment/deployment.ts";
import type { Replica } from "../deployment/replica.ts";
import type { Fault, HeldFault } from "../deployment/fault.ts";
import { capabilities, type Capability } from "../history/capability.ts";
import type { Random } from "../history/random.ts";
import { mistakesIn } from "../config/config-error.ts";
import type { Point } from "../history/point.ts";
import type { Turn } from "../history/turn.ts";
import type { Checker } from "../checkers/verdict.ts";
import type { Held, HoldOptions } from "../wires/hold.ts";

/** The API of a scenario. Every call is recorded, and can be replayed. */
export interface Stage {
  /** The replicas. A scenario acts on them through the stage and its faults. */
  readonly deployment: Pick<Deployment, "replicas" | "first" | "other">;
  /** A user with a new thread; the first turn creates the thread. */
  conversation(options?: ConversationOptions): Conversation;
  /**
   * Holds a call of a turn open: `using held = hold(user.next, "book")`. A point may be written as
   * `formatPoint` writes it: "model call 1", "book".
   */
  hold(turn: Turn, point: Point | string, options?: HoldOptions): Held;
  /** Injects a fault. Disposing heals it; the engine heals what is still held at the end. */
  inject<Holding extends HeldFault>(fault: Fault<Holding>): Promise<Holding>;
  /** For scenarios with the capability "boot": see `Deployment.boot`. */
  boot(on?: BootOn, how?: { readonly race?: boolean }): Promise<readonly Replica[]>;
  /** Kills a replica and starts it again; it need not become ready. */
  restart(replica: Replica): Promise<void>;
  /** Resolves with true when a replica is ready again, or with false when it is not in time. */
  recovered(replica: Replica): Promise<boolean>;
  /** Records rows and bytes per table. */
  survey(label: string, options?: SurveyOptions): Promise<void>;
  /** With the capability "statements": resolves when no SQL statement or transaction is open. */
  untilSaved(): Promise<void>;
  /**
   * Resolves when no wire saw any traffic for this long, in milliseconds. It resolves at the latest
   * after twenty times as long, because a service that polls is never quiet.
   */
  untilQuiet(ms: number): Promise<void>;
  readonly random: Random;
}

/**
 * One claim about a service, stated positively, and the workload with faults that tests it. A
 * scenario is independent of targets: expectations of a target belong in the configuration.
 */
export interface Scenario {
  readonly claim: string;
  /**
   * Its place in the report: scenarios in which a user can lose most come first. Scenarios of equal
   * rank are sorted by name, so a new one takes the rank of the scenario that it resembles.
   * Scenarios without a rank come last.
   */
  readonly rank?: number;
  /** If a target lacks one of these, the scenario does not run, and the report explains why. */
  readonly needs: readonly Capability[];
  /** The workload: a plain async function. */
  run(stage: Stage): Promise<void>;
  /** The checkers, in the order in which the report shows their violations. */
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
  run: z.custom(isFunction, { error: "expected a function" }),
  checks: z.array(
    z.object({
      name: z.string(),
      needs: z.array(z.enum(capabilities)),
      finds: z.array(z.string()).optional(),
      judge: z.custom(isFunction, { error: "expected a function" }),
    }),
  ),
});

/** Checks that the export of a file is a scenario. Throws one sentence per mistake. */
export function scenarioOf(value: unknown, file: string): Scenario {
  const mistakes = mistakesIn(shape, { value, written: value });
  if (mistakes.length === 0) return value as Scenario;
  const sentences = mistakes.map(
    ({ path, says }) => `${path.map(String).join(".") || "(root)"}: ${says}`,
  );
  throw new Error(
    [
      `${file} does not export a scenario: export default scenario({ claim, … })`,
      ...sentences,
    ].join("\n  "),
  );
}
