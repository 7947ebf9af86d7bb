import { setTimeout as delay } from "node:timers/promises";
import type { Conversation } from "../client/conversation.ts";
import type { Replica } from "../deployment/replica.ts";
import type { Recording } from "../history/recording.ts";
import { recordActs } from "./replay/acts.ts";
import type { Scenario, Stage } from "./scenario.ts";
import type { Sight } from "../client/memory-probe.ts";
import type { Target } from "../config/configuration.ts";
import { TargetFailure } from "../config/target-failure.ts";
import type { Turn } from "../history/turn.ts";
import type { SideCalls } from "../wires/model/side-calls.ts";

/** Who takes part in a run of a scenario. */
export interface Scene {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly stage: Stage;
  /** All that were made on the stage so far. */
  readonly conversations: readonly Conversation[];
  heal(): Promise<void>;
  readonly sides: SideCalls;
  readonly sight: Sight;
  readonly recording: Recording;
}

/**
 * The phases of a run: warm-up, the scenario's own workload, healing, and the final questions.
 * Answers why it could not be played to its end, or null.
 */
export async function playPhases(scene: Scene): Promise<string | null> {
  // A scenario that is about booting boots for itself.
  if (!scene.scenario.needs.includes("boot")) {
    const why = await warmUp(scene);
    if (why !== null) return why;
  }
  await playWorkload(scene);
  return null;
}

/** The phases after the warm-up. */
export async function playWorkload(scene: Scene): Promise<void> {
  const { scenario, stage, recording } = scene;
  recording.record({ kind: "phase", phase: "workload" });
  {
    using recorded = recordActs(stage, recording);
    await scenario.run(recorded.stage);
  }
  recording.record({ kind: "phase", phase: "healing" });
  await scene.heal();
  recording.record({ kind: "phase", phase: "final" });
  await finale(scene);
  if (isSurveyed(scene)) await stage.deployment.survey("at the end", { of: threadsOf(scene) });
}

/**
 * Boots, and takes a first turn on each replica, from which side calls are learned. Answers why
 * nothing can be judged, or null: that is so where a replica is not ready, and where none answers a
 * turn although nothing is wrong yet.
 */
async function warmUp(scene: Scene): Promise<string | null> {
  const { stage, recording, sides, sight } = scene;
  const { deployment, conversation } = stage;
  recording.record({ kind: "phase", phase: "warm-up" });
  try {
    const down = await deployment.boot();
    if (down.length > 0) {
      return notReady(
        recording,
        down.map(({ name }) => name),
      );
    }
  } catch (cause) {
    if (cause instanceof TargetFailure) return cause.message;
    throw cause;
  }
  if (isSurveyed(scene)) await deployment.survey("before anything was said");
  const greet = async (on: Replica) => {
    const user = conversation({ purpose: "warm-up" });
    const turn = user.next;
    const outcome = await user.say("hello", { on });
    if (outcome.kind === "ok") {
      sides.learn(turn, outcome.reply);
      if (sight.isWanted) await learnToSee(sight, user, turn, on);
    }
    return { replica: on.name, outcome };
  };
  // One by itself: what a first turn still sets up must not meet the same of another replica.
  const first = await greet(deployment.first);
  const others = await Promise.all(deployment.replicas.slice(1).map(greet));
  if ([first, ...others].some(({ outcome }) => outcome.kind === "ok")) return null;
  const why = "why" in first.outcome ? `: ${first.outcome.why}` : "";
  return `no replica answered a first turn; ${first.replica} said: ${first.outcome.kind}${why}`;
}

/** Says something more on a thread that was told something, and then asks what that was. */
async function learnToSee(
  sight: Sight,
  user: Conversation,
  first: Turn,
  on: Replica,
): Promise<void> {
  const second = user.next;
  const outcome = await user.say("hello again", { on });
  if (outcome.kind !== "ok") return;
  sight.learn("replies", outcome.reply, [first.token]);
  const repeated = await user.repeat({ on });
  sight.learn("repeats", repeated?.join(" ") ?? "", [first.token, second.token]);
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
 * "nothing lost" and "it recovers" are never judged. Who has not answered is asked for longer than
 * promised, and then once more after a restart, to tell how it comes back; not so in the control of
 * a violation, which only tells whether that is seen again.
 */
async function finale(scene: Scene): Promise<void> {
  const { stage, recording, target } = scene;
  const { deployment } = stage;
  const { recoveryMs } = target.promises;
  const threads = threadsOf(scene);
  const begun = performance.now();
  if (deployment.replicas.some((replica) => replica.ready)) {
    await Promise.all(threads.map((thread) => readEverywhere(scene, thread)));
  }
  const { control, capabilities } = recording.header;
  const askedOn = control ? 0 : Math.min(2 * recoveryMs, askedOnMs);
  const silent = await askAll(scene, threads, recoveryMs + askedOn);
  const late = performance.now() - begun > lateMs;
  if (silent.length === 0 || control || late || !capabilities.includes("kill")) return;
  recording.record({ kind: "phase", phase: "restart" });
  await Promise.all(deployment.replicas.map((replica) => deployment.restart(replica)));
  await askAll(scene, silent, recoveryMs);
}

/** Beyond what is promised a thread is asked on for at most so long, in milliseconds. */
const askedOnMs = 30_000;
/** Where the questions took longer than this a restart would only use up the scenario's time. */
const lateMs = 120_000;

async function readEverywhere({ stage }: Scene, thread: Conversation): Promise<void> {
  for (const on of stage.deployment.replicas) {
    await thread.read({ on, final: true });
    await thread.read({ on, final: true, view: "secondView" });
  }
}

/**
 * Asks each thread until it answers, the more seldom the longer it takes: what recovery takes is
 * known to a twentieth. Resolves with those that did not answer in the time.
 */
async function askAll(
  { stage }: Scene,
  threads: readonly Conversation[],
  withinMs: number,
): Promise<readonly Conversation[]> {
  const { replicas } = stage.deployment;
  const found = () => replicas.findLast(({ ready }) => ready);
  // One that was ready a moment ago, and is slow to say so again, is not lost.
  if (found() === undefined) await Promise.all(replicas.map((replica) => replica.recovered()));
  const on = found();
  if (on === undefined) return threads;
  const silent = await Promise.all(
    threads.map(async (thread) => {
      const ask = () => thread.say("what do you remember?", { on }, "last");
      const began = performance.now();
      let outcome = await ask();
      while (outcome.kind !== "ok" && performance.now() - began < withinMs) {
        await delay(Math.max(50, (performance.now() - began) / 20));
        outcome = thread.repeats ? await thread.retry({ on }) : await ask();
      }
      return outcome.kind === "ok" ? [] : [thread];
    }),
  );
  return silent.flat();
}
