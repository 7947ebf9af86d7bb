import { setTimeout as delay } from "node:timers/promises";
import type { Conversation } from "../client/conversation.ts";
import { TargetFailure } from "../config/target-failure.ts";
import type { Replica } from "../deployment/replica.ts";
import type { Recording } from "../history/recording.ts";
import type { Turn } from "../history/turn.ts";
import type { Scenario } from "./scenario.ts";
import type { OpenStage } from "./stage.ts";

/**
 * The phases of a run: warm-up, the scenario's workload, healing, and the final questions. Resolves
 * with the reason why the run could not be completed, or null.
 */
export async function playPhases(
  scenario: Scenario,
  stage: OpenStage,
  options: WorkloadOptions = {},
): Promise<string | null> {
  // A scenario about boots calls `boot` itself.
  if (!scenario.needs.includes("boot")) {
    const why = await warmUp(scenario, stage);
    if (why !== null) return why;
  }
  await playWorkload(scenario, stage, options);
  return null;
}

export interface WorkloadOptions {
  /** Conversations before this index are of earlier runs. */
  readonly since?: number;
  /** Whether the last reads come after a restart of every replica. */
  readonly restarts?: boolean;
}

/** The phases after the warm-up. */
export async function playWorkload(
  scenario: Scenario,
  stage: OpenStage,
  { since = 0, restarts = true }: WorkloadOptions = {},
): Promise<void> {
  const { recording, acts } = stage.context;
  recording.record({ kind: "phase", phase: "workload" });
  {
    using _recorded = acts.open();
    await scenario.run(stage);
  }
  recording.record({ kind: "phase", phase: "healing" });
  await stage.heal();
  recording.record({ kind: "phase", phase: "final" });
  const threads = threadsOf(stage, since);
  await finale(stage, threads, restarts);
  if (isSurveyed(scenario, stage)) await stage.survey("at the end", { of: threads });
}

/**
 * Boots, and sends a first turn to each replica, from which the harness learns the side calls.
 * Resolves with null, or with the reason why nothing can be judged: a replica is not ready, or no
 * replica answers a turn although no fault is in effect.
 */
async function warmUp(scenario: Scenario, stage: OpenStage): Promise<string | null> {
  const { deployment, conversation } = stage;
  const { recording, sides, memory } = stage.context;
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
  if (isSurveyed(scenario, stage)) await deployment.survey("before the first message");
  const greet = async (on: Replica) => {
    const user = conversation({ purpose: "warm-up" });
    const turn = user.next;
    const outcome = await user.say("hello", { on });
    if (outcome.kind === "ok") {
      sides.learn(turn, outcome.reply);
      if (memory.isWanted) await learnToRecall(stage, user, turn, on);
    }
    return { replica: on.name, outcome };
  };
  // One replica first, because the setup of a first turn must not race with another replica.
  const first = await greet(deployment.first);
  const others = await Promise.all(deployment.replicas.slice(1).map(greet));
  if ([first, ...others].some(({ outcome }) => outcome.kind === "ok")) return null;
  const why = "why" in first.outcome ? `: ${first.outcome.why}` : "";
  return `no replica answered a first turn; the outcome on ${first.replica} was ${first.outcome.kind}${why}`;
}

/** Sends a second message on the thread, then asks the agent to recall both. */
async function learnToRecall(
  { context: { memory } }: OpenStage,
  user: Conversation,
  first: Turn,
  on: Replica,
): Promise<void> {
  const second = user.next;
  const outcome = await user.say("hello again", { on });
  if (outcome.kind !== "ok") return;
  memory.learn("replies", outcome.reply, [first.token]);
  const recalled = await user.recall({ on });
  memory.learn("repeats", recalled?.join(" ") ?? "", [first.token, second.token]);
}

/** Whether the engine surveys the database first and last: a boot has a new database each time. */
function isSurveyed({ needs }: Scenario, { context }: OpenStage): boolean {
  return context.recording.header.capabilities.includes("survey") && !needs.includes("boot");
}

/** The threads that the final questions are about. */
function threadsOf({ conversations, deployment }: OpenStage, since: number): Conversation[] {
  return conversations
    .slice(since)
    .filter(
      (it) => it.sound && !it.deleted && it.purpose === "workload" && it.boot === deployment.boots,
    );
}

function notReady(recording: Recording, down: readonly string[]): string {
  const words = recording.entries.findLast((entry) => entry.kind === "replica.unready");
  return `replica ${down.join(" and ")} did not become ready: ${words?.why ?? "no reason given"}`;
}

/**
 * Reads every thread through every replica, then sends one last turn on each thread. Without this,
 * no checker could judge loss and recovery. A silent thread is asked for longer than promised. Then
 * every replica is restarted, and everything is read and asked again: what was acknowledged must
 * survive that, and a thread may need it to answer again. An experiment ends before the restart,
 * because it only shows whether the violation occurs again.
 */
async function finale(
  stage: OpenStage,
  threads: readonly Conversation[],
  restarts: boolean,
): Promise<void> {
  const { deployment } = stage;
  const { recording, target } = stage.context;
  const { recoveryMs } = target.promises;
  const begun = performance.now();
  if (deployment.replicas.some((replica) => replica.ready)) {
    await Promise.all(threads.map((thread) => readEverywhere(stage, thread)));
  }
  const { experiment, capabilities } = recording.header;
  const askedMs = recoveryMs + (experiment === null ? Math.min(2 * recoveryMs, askedOnMs) : 0);
  const silent = await askAll(stage, threads, askedMs);
  const isPointless = threads.length === 0 || (!restarts && silent.length === 0);
  const late = performance.now() - begun > lateMs;
  if (isPointless || experiment !== null || late || !capabilities.includes("kill")) return;
  // A service may still save a turn that it has answered.
  await stage.untilQuiet(quietMs);
  recording.record({ kind: "phase", phase: "restart" });
  await Promise.all(deployment.replicas.map((replica) => deployment.restart(replica)));
  await Promise.all(threads.map((thread) => readEverywhere(stage, thread)));
  // Silent threads are asked for as long as before, the others once.
  await Promise.all([
    askAll(stage, silent, askedMs),
    askAll(
      stage,
      threads.filter((thread) => !silent.includes(thread)),
      recoveryMs,
    ),
  ]);
}

/** After this long without activity, in milliseconds, a service has saved what it answered. */
const quietMs = 40;
/** A silent thread is asked at most this much longer than promised, in milliseconds. */
const askedOnMs = 30_000;
/** If the questions took longer than this, the run ends without a restart, in milliseconds. */
const lateMs = 120_000;

async function readEverywhere({ deployment }: OpenStage, thread: Conversation): Promise<void> {
  for (const on of deployment.replicas) {
    await thread.read({ on, final: true });
    await thread.read({ on, final: true, view: "secondView" });
  }
}

/**
 * Asks each thread until it answers, with growing pauses: the time to recovery is known to 5 %.
 * Resolves with the threads that did not answer in time.
 */
async function askAll(
  { deployment: { replicas } }: OpenStage,
  threads: readonly Conversation[],
  withinMs: number,
): Promise<readonly Conversation[]> {
  const found = () => replicas.findLast(({ ready }) => ready);
  // A replica that was ready a moment ago may be slow to report it again.
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
        outcome = thread.retrySends ? await thread.retry({ on }) : await ask();
      }
      return outcome.kind === "ok" ? [] : [thread];
    }),
  );
  return silent.flat();
}
