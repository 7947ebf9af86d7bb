import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Capability } from "../../history/capability.ts";
import type { Hooks } from "../../deployment/url/hooks.ts";
import type { OpenStage } from "../../engine/stage.ts";
import type { Target } from "../../config/configuration.ts";
import { type Evidence, type Probe, threadOn, threads } from "./observed.ts";
import { readLogs } from "./hook-checks.ts";
import { type Logged } from "./observed.ts";
import { storage } from "./wires-check.ts";

/** The stage of an examination, and observations that its history does not contain. */
export interface Examination {
  readonly target: Target;
  readonly stage: OpenStage;
  readonly probes: Record<string, Probe>;
  unknownPath: Probe | null;
  logged: Logged;
  readonly hooks: Hooks | null;
  /** All observations so far. */
  evidence(): Evidence;
}

/** Some services save after they answer. The survey is repeated for this time. */
const savedWithinMs = 3_000;

export async function boot(examination: Examination): Promise<void> {
  const { stage } = examination;
  await stage.deployment.boot();
  if (has(examination, "survey")) await stage.deployment.survey("before");
}

function has({ evidence }: Examination, capability: Capability): boolean {
  return evidence().history.header.capabilities.includes(capability);
}

/** Sends the ready check through the ingress, like a client, and a request for an unknown path. */
export async function probeReadiness(examination: Examination): Promise<void> {
  const { target, stage } = examination;
  const { ready } = target;
  if (ready === undefined) return;
  const ask = async (request: object, on: string): Promise<Probe> => {
    const response = await stage.context.client.send({
      request: { headers: ready.headers, ...request },
      names: {},
      on,
      timeoutMs: target.turnTimeoutMs,
      hangUp: null,
    });
    return response.delivery === "complete" ? response : { status: null, body: response.why };
  };
  for (const { name } of stage.deployment.replicas)
    examination.probes[name] = await ask(ready, name);
  const path = `/threadproof-${randomUUID()}`;
  examination.unknownPath = await ask({ get: path }, stage.deployment.first.name);
}

/** As in the warm-up of a run, the harness learns to recognise side calls from this turn. */
export async function sayFirst({ stage }: Examination): Promise<void> {
  const user = named(stage, threads.first);
  const turn = user.next;
  const outcome = await user.say("My name is Ann.", { on: stage.deployment.first });
  if (outcome.kind === "ok") stage.context.sides.learn(turn, outcome.reply);
}

export async function readFirst({ stage }: Examination): Promise<void> {
  await named(stage, threads.first).read({ on: stage.deployment.first });
}

export async function readSecondView({ stage }: Examination): Promise<void> {
  await named(stage, threads.first).read({ on: stage.deployment.first, view: "secondView" });
}

/** A second turn on each thread shows which messages the agent remembers. */
export async function sayTwice({ stage }: Examination): Promise<void> {
  const on = stage.deployment.first;
  const [first, second] = [named(stage, threads.first), named(stage, threads.second)];
  await second.say("My name is Bob.", { on });
  for (const one of [first, second]) {
    await one.say("What is my name?", { on });
    await one.read({ on });
  }
}

export async function sayOnEach({ stage }: Examination): Promise<void> {
  for (const on of stage.deployment.replicas.slice(1)) {
    await named(stage, threadOn(on.name)).say("hello", { on });
  }
}

export async function survey(examination: Examination): Promise<void> {
  if (!has(examination, "survey")) return;
  const { stage } = examination;
  const deadline = performance.now() + savedWithinMs;
  do {
    await stage.deployment.survey("after", { of: named(stage, threads.first) });
    if (storage(examination.evidence()).state === "works") return;
    await delay(100);
  } while (performance.now() < deadline);
}

export async function useTools({ stage, target }: Examination): Promise<void> {
  if (target.tools.length === 0) return;
  const on = stage.deployment.first;
  await named(stage, threads.tools).say("Use your tools.", { on, steps: target.tools });
}

export async function sayOnUnknown({ stage }: Examination): Promise<void> {
  const stray = { threadId: randomUUID() };
  const user = stage.conversation({ stray }, threads.unknown);
  await user.say("hello", { on: stage.deployment.first });
}

export async function sayAgain({ stage, target }: Examination): Promise<void> {
  if (target.retry !== "same-request-id") return;
  const on = stage.deployment.first;
  const user = named(stage, threads.retried);
  await user.say("Say this once.", { on });
  await user.retry({ on });
  await user.say("What did I say?", { on });
  await user.read({ on });
}

export async function deleteOne({ stage }: Examination): Promise<void> {
  await named(stage, threads.second).delete({ on: stage.deployment.first });
}

export async function readLog(examination: Examination): Promise<void> {
  const [replica = ""] = examination.evidence().history.header.replicas;
  examination.logged = await readLogs(examination.hooks, replica);
}

/** The conversation of this name; created if it does not exist. */
function named({ conversations, conversation }: OpenStage, name: string) {
  return conversations.find((it) => it.name === name) ?? conversation({}, name);
}
