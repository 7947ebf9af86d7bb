import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Capability } from "../../history/capability.ts";
import type { Hooks } from "../../deployment/url/hooks.ts";
import type { OpenStage } from "../../engine/stage.ts";
import type { Target } from "../../config/configuration.ts";
import { type Evidence, type Look, threadOn, threads } from "./observed.ts";
import { readLogs } from "./hook-checks.ts";
import { type Logged } from "./observed.ts";
import { storage } from "./wires-check.ts";

/** A stage, and what is seen on it beside its history. */
export interface Patient {
  readonly target: Target;
  readonly stage: OpenStage;
  readonly looks: Record<string, Look>;
  nowhere: Look | null;
  logged: Logged;
  readonly hooks: Hooks | null;
  /** All that has been seen so far. */
  evidence(): Evidence;
}

/** Some save after they have answered: it is looked at again for so long, in milliseconds. */
const savedWithinMs = 3_000;

export async function boot(patient: Patient): Promise<void> {
  const { stage } = patient;
  await stage.deployment.boot();
  if (has(patient, "survey")) await stage.deployment.survey("before");
}

function has({ evidence }: Patient, capability: Capability): boolean {
  return evidence().history.header.capabilities.includes(capability);
}

/** Through the ingress, as clients come; and a path that cannot be known. */
export async function lookAtReadiness(patient: Patient): Promise<void> {
  const { target, stage } = patient;
  const { ready } = target;
  if (ready === undefined) return;
  const ask = async (request: object, on: string): Promise<Look> => {
    const response = await stage.context.client.send({
      request: { headers: ready.headers, ...request },
      names: {},
      on,
      timeoutMs: target.turnTimeoutMs,
      hangUp: null,
    });
    return response.delivery === "complete" ? response : { status: null, body: response.why };
  };
  for (const { name } of stage.deployment.replicas) patient.looks[name] = await ask(ready, name);
  const path = `/threadproof-${randomUUID()}`;
  patient.nowhere = await ask({ get: path }, stage.deployment.first.name);
}

/** As in the warm-up of a run: from it side calls are learned. */
export async function sayFirst({ stage }: Patient): Promise<void> {
  const user = named(stage, threads.first);
  const turn = user.next;
  const outcome = await user.say("My name is Ann.", { on: stage.deployment.first });
  if (outcome.kind === "ok") stage.context.sides.learn(turn, outcome.reply);
}

export async function readFirst({ stage }: Patient): Promise<void> {
  await named(stage, threads.first).read({ on: stage.deployment.first });
}

export async function readSecondView({ stage }: Patient): Promise<void> {
  await named(stage, threads.first).read({ on: stage.deployment.first, view: "secondView" });
}

/** Each sees its own, so each has to say something again. */
export async function sayTwice({ stage }: Patient): Promise<void> {
  const on = stage.deployment.first;
  const [first, second] = [named(stage, threads.first), named(stage, threads.second)];
  await second.say("My name is Bob.", { on });
  for (const one of [first, second]) {
    await one.say("What is my name?", { on });
    await one.read({ on });
  }
}

export async function sayOnEach({ stage }: Patient): Promise<void> {
  for (const on of stage.deployment.replicas.slice(1)) {
    await named(stage, threadOn(on.name)).say("hello", { on });
  }
}

export async function survey(patient: Patient): Promise<void> {
  if (!has(patient, "survey")) return;
  const { stage } = patient;
  const deadline = performance.now() + savedWithinMs;
  do {
    await stage.deployment.survey("after", { of: named(stage, threads.first) });
    if (storage(patient.evidence()).state === "works") return;
    await delay(100);
  } while (performance.now() < deadline);
}

export async function useTools({ stage, target }: Patient): Promise<void> {
  if (target.tools.length === 0) return;
  const on = stage.deployment.first;
  await named(stage, threads.tools).say("Use your tools.", { on, steps: target.tools });
}

export async function sayOnUnknown({ stage }: Patient): Promise<void> {
  const stray = { threadId: randomUUID() };
  const user = stage.conversation({ stray }, threads.unknown);
  await user.say("hello", { on: stage.deployment.first });
}

export async function sayAgain({ stage, target }: Patient): Promise<void> {
  if (target.retry !== "same-request-id") return;
  const on = stage.deployment.first;
  const user = named(stage, threads.retried);
  await user.say("Say this once.", { on });
  await user.retry({ on });
  await user.say("What did I say?", { on });
  await user.read({ on });
}

export async function deleteOne({ stage }: Patient): Promise<void> {
  await named(stage, threads.second).delete({ on: stage.deployment.first });
}

export async function readLog(patient: Patient): Promise<void> {
  const [replica = ""] = patient.evidence().history.header.replicas;
  patient.logged = await readLogs(patient.hooks, replica);
}

/** The conversation of this name: the one that there is, or a new one. */
function named({ conversations, conversation }: OpenStage, name: string) {
  return conversations.find((it) => it.name === name) ?? conversation({}, name);
}
