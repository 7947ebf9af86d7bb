import { setTimeout as delay } from "node:timers/promises";
import type { Conversation } from "./conversation.ts";
import type { Recording } from "./recording.ts";
import type { Scenario, Stage } from "./scenario.ts";
import type { Target } from "./target/configuration.ts";
import { TargetFailure } from "./target/failure.ts";
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
  const { scenario, stage, holds, recording } = scene;
  // A scenario that is about booting boots for itself.
  if (!scenario.needs.includes("boot")) {
    const why = await warmUp(scene);
    if (why !== null) return why;
  }
  recording.record({ kind: "phase", phase: "workload" });
  await scenario.run(stage);
  recording.record({ kind: "phase", phase: "healing" });
  holds.release();
  await stage.deployment.heal();
  recording.record({ kind: "phase", phase: "final" });
  await finale(scene);
  if (isSurveyed(scene)) await stage.deployment.survey("at the end", { of: threadsOf(scene) });
  return null;
}

/**
 * Boots, and takes a first turn on each replica, from which side calls are learned. Answers why
 * nothing can be judged, or null: that is so where a replica is not ready, and where none answers a
 * turn although nothing is wrong yet.
 */
async function warmUp(scene: Scene): Promise<string | null> {
  const { stage, recording, sides } = scene;
  const { deployment, conversation } = stage;
  recording.record({ kind: "phase", phase: "warm-up" });
  try {
    await deployment.boot();
  } catch (cause) {
    if (cause instanceof TargetFailure) return cause.message;
    throw cause;
  }
  const down = deployment.replicas.filter((replica) => !replica.ready).map((it) => it.name);
  if (down.length > 0) return notReady(recording, down);
  if (isSurveyed(scene)) await deployment.survey("before anything was said");
  const outcomes = await Promise.all(
    deployment.replicas.map(async (on) => {
      const user = conversation({ purpose: "warm-up" });
      const turn = user.next;
      const outcome = await user.say("hello", { on });
      if (outcome.kind === "ok") sides.learn(turn, outcome.reply);
      return { replica: on.name, outcome };
    }),
  );
  const [first] = outcomes;
  if (first === undefined || outcomes.some(({ outcome }) => outcome.kind === "ok")) return null;
  const why = "why" in first.outcome ? `: ${first.outcome.why}` : "";
  return `no replica answered a first turn; ${first.replica} said: ${first.outcome.kind}${why}`;
}

/** Whether the engine looks at what is stored, first and last: each boot has a database anew. */
function isSurveyed({ scenario, recording }: Scene): boolean {
  return recording.header.capabilities.includes("survey") && !scenario.needs.includes("boot");
}

/** Those that are asked at the end. */
function threadsOf({ conversations, stage }: Scene): Conversation[] {
  return conversations.filter(
    (it) =>
      it.sound && !it.deleted && it.purpose === "workload" && it.boot === stage.deployment.boots,
  );
}

function notReady(recording: Recording, down: readonly string[]): string {
  const words = recording.entries.findLast((entry) => entry.kind === "replica.unready");
  return `replica ${down.join(" and ")} did not become ready: ${words?.why ?? "no reason given"}`;
}

/**
 * Every thread is read through every replica, and then answers one last turn: without this,
 * "nothing lost" and "it recovers" are never judged.
 */
async function finale(scene: Scene): Promise<void> {
  const { target } = scene;
  const { deployment } = scene.stage;
  const on = deployment.replicas.findLast((replica) => replica.ready);
  if (on === undefined) return;
  await Promise.all(
    threadsOf(scene).map(async (thread) => {
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
