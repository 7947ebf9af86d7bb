import { setTimeout as delay } from "node:timers/promises";
import type { Conversation } from "./conversation.ts";
import type { Deployment } from "./deployment.ts";
import type { Recording } from "./recording.ts";
import type { Scenario, Stage } from "./scenario.ts";
import type { Target } from "./target/configuration.ts";
import { unreadyWords } from "./unready.ts";
import type { Holds } from "./wires/hold.ts";
import type { SideCalls } from "./wires/side-calls.ts";

/** Who takes part in a run of a scenario. */
export interface Scene {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly stage: Stage;
  /** All that were made on the stage so far. */
  readonly conversations: readonly Conversation[];
  readonly holds: Holds;
  readonly sides: SideCalls;
  readonly recording: Recording;
}

/**
 * The phases of a run: warm-up, the scenario's own workload, healing, and the final questions.
 * Answers why it could not be played to its end, or null.
 */
export async function playPhases(scene: Scene): Promise<string | null> {
  const { scenario, target, stage, conversations, holds, recording } = scene;
  // A scenario that is about booting boots for itself.
  if (!scenario.needs.includes("boot")) {
    const down = await warmUp(scene);
    if (down.length > 0) return notReady(target, recording, down);
  }
  recording.record({ kind: "phase", phase: "workload" });
  await scenario.run(stage);
  recording.record({ kind: "phase", phase: "healing" });
  holds.release();
  await stage.deployment.heal();
  recording.record({ kind: "phase", phase: "final" });
  await finale(stage.deployment, conversations, target);
  return null;
}

/**
 * Boots, and takes a first turn on each replica, from which side calls are learned. Answers with
 * those that are not ready.
 */
async function warmUp({ stage, recording, sides }: Scene): Promise<readonly string[]> {
  const { deployment, conversation } = stage;
  recording.record({ kind: "phase", phase: "warm-up" });
  await deployment.boot();
  const down = deployment.replicas.filter((replica) => !replica.ready).map((it) => it.name);
  if (down.length > 0) return down;
  await Promise.all(
    deployment.replicas.map(async (on) => {
      const user = conversation({ purpose: "warm-up" });
      const turn = user.next;
      const outcome = await user.say("hello", { on });
      if (outcome.kind === "ok") sides.learn(turn, outcome.reply);
    }),
  );
  return down;
}

function notReady(target: Target, recording: Recording, down: readonly string[]): string {
  const [first = ""] = down;
  const why = unreadyWords(target, recording.entries, first);
  return `replica ${down.join(" and ")} did not become ready: ${why}`;
}

/**
 * Every thread is read through every replica, and then answers one last turn: without this,
 * "nothing lost" and "it recovers" are never judged.
 */
async function finale(
  deployment: Deployment,
  conversations: readonly Conversation[],
  target: Target,
): Promise<void> {
  const on = deployment.replicas.findLast((replica) => replica.ready);
  if (on === undefined) return;
  const threads = conversations.filter(
    (it) => it.sound && !it.deleted && it.purpose === "workload" && it.boot === deployment.boots,
  );
  await Promise.all(
    threads.map(async (thread) => {
      for (const replica of deployment.replicas) {
        await thread.read({ on: replica, final: true });
        await thread.read({ on: replica, final: true, view: "history" });
      }
      const ask = () => thread.say("what do you remember?", { on }, "last");
      const began = performance.now();
      let outcome = await ask();
      while (outcome.kind !== "ok" && performance.now() - began < target.promises.recoveryMs) {
        await delay(50);
        outcome = thread.repeats ? await thread.retry({ on }) : await ask();
      }
    }),
  );
}
