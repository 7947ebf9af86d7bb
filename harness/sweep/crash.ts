import { effectsHappenOnce } from "../checkers/effects-happen-once.ts";
import { finishedStepsAreNotRepeated } from "../checkers/finished-steps-are-not-repeated.ts";
import { remembersEverything } from "../checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../checkers/transcript-well-formed.ts";
import type { Replica } from "../deployment.ts";
import { kill } from "../faults/kill.ts";
import type { Scenario, Stage } from "../scenario.ts";
import type { Point, Turn } from "../turn.ts";

const needs = ["replicas", "kill", "model-hold", "statements", "retry"] as const;

export interface Crash {
  /** In the first attempt of the turn; null: nobody is killed, to learn which points there are. */
  readonly first: Point | null;
  /** In the second attempt, on the other replica; null: that one lives. */
  readonly second: Point | null;
  /** Tools that the model asks for in the turn. */
  readonly steps: readonly string[];
}

/**
 * A turn that is killed at one point, and handed to the other replica. Before it stands one turn
 * that was answered, after it one that asks for everything.
 */
export function crashAt({ first, second, steps }: Crash): Scenario {
  return {
    claim: first === null ? "a turn is answered" : `a turn that is killed ${first} is kept`,
    rank: 0,
    needs,
    async run(stage) {
      const { deployment } = stage;
      const user = stage.conversation();
      await user.say("a fact", { on: deployment.first });
      // What an earlier turn still saves would be taken for a statement of this one.
      await stage.quiet();
      const turn = user.next;
      const say = () => user.say(steps.join(", then "), { on: deployment.first, steps });
      if (first === null) {
        await say();
        await stage.quiet();
        return;
      }
      await killAt(stage, { turn, point: first, on: deployment.first }, say);
      const retry = () => user.retry({ on: deployment.other });
      if (second === null) await retry();
      else {
        await killAt(stage, { turn, point: second, on: deployment.other }, retry);
        await user.retry({ on: deployment.first });
      }
      await user.say("what do you remember?", { on: deployment.other });
    },
    checks: [
      remembersEverything,
      ...(steps.length > 0 ? [effectsHappenOnce] : []),
      finishedStepsAreNotRepeated,
      transcriptWellFormed,
    ],
  };
}

/** Kills a replica while an attempt is at a point, and starts it again. */
async function killAt(
  stage: Stage,
  { turn, point, on }: { turn: Turn; point: Point; on: Replica },
  attempt: () => Promise<unknown>,
): Promise<void> {
  const held = stage.hold(turn, point);
  const outcome = attempt();
  // Who was asked need not be who runs it.
  const executor = await held.reached();
  const dying = stage.deployment.replicas.find(({ name }) => name === executor) ?? on;
  await using _ = await stage.deployment.inject(kill(dying));
  held[Symbol.dispose]();
  await outcome;
}
