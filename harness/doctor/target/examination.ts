import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Backend } from "../../deployment.ts";
import type { Capability, Header } from "../../history.ts";
import type { Database } from "../../postgres/database.ts";
import { random } from "../../random.ts";
import { Recording } from "../../recording.ts";
import { type OpenStage, openStage } from "../../stage.ts";
import type { Target } from "../../target/configuration.ts";
import { type Evidence, type Look, threadOn, threads } from "./evidence.ts";
import { broken, type Finding, open, short } from "./finding.ts";
import { modelCalls, promptShape, sideCalls } from "./prompts.ts";
import { deletion, retry } from "./repeating.ts";
import { readyCheck, starts } from "./starting.ts";
import { read, turn } from "./talking.ts";
import { replicas, threadsApart, unknownThread } from "./threads.ts";
import { databaseWire, modelWire, storage, toolsWire } from "./wires.ts";

/** The parts of a target, in the order in which they are looked at. */
export type Part =
  | "start"
  | "ready check"
  | "turn"
  | "read"
  | "threads"
  | "replicas"
  | "model wire"
  | "model calls"
  | "side calls"
  | "prompt"
  | "database wire"
  | "storage"
  | "tools wire"
  | "unknown thread"
  | "retry"
  | "delete"
  | "hooks";

export interface Told {
  readonly part: Part;
  readonly finding: Finding;
}

export interface ExaminationOptions {
  readonly name: string;
  readonly target: Target;
  readonly backend: Backend;
  readonly seed: number;
  readonly openDatabase: (of: "template" | "nothing") => Promise<Database>;
  /** Once it is aborted nothing more is looked at, and it throws. */
  readonly over: AbortSignal;
  /** Told before a part is looked at, and after. */
  readonly onStart: (part: Part) => void;
  readonly onFinding: (told: Told) => void;
}

/** A part: what is done to see it, and what is said of what was seen. */
interface Step {
  readonly part: Part;
  /** Without these it says nothing. */
  readonly after: readonly Part[];
  /** Nothing, where all has been seen before. */
  readonly play?: (patient: Patient) => Promise<void>;
  readonly limitMs: number;
  readonly assess: (evidence: Evidence) => Finding;
}

/** A stage, and what is seen on it beside its history. */
interface Patient {
  readonly target: Target;
  readonly stage: OpenStage;
  readonly looks: Record<string, Look>;
  nowhere: Look | null;
  /** All that has been seen so far. */
  evidence(): Evidence;
}

/** Proves a target part by part, before any fault. Throws only where the harness itself failed. */
export async function examine(options: ExaminationOptions): Promise<Told[]> {
  const { target, backend, openDatabase } = options;
  const recording = new Recording(headerOf(options), null);
  await using stage = await openStage({
    target,
    backend,
    recording,
    openDatabase,
    environment: {},
    random: random(options.seed),
    server: null,
  });
  const patient: Patient = {
    target,
    stage,
    looks: {},
    nowhere: null,
    evidence: () => {
      const connections = recording.header.replicas.map(
        (name) => [name, stage.deployment.connections(name)] as const,
      );
      const { looks, nowhere } = patient;
      return {
        target,
        history: recording,
        looks,
        nowhere,
        connections: Object.fromEntries(connections),
      };
    },
  };
  const told: Told[] = [];
  for (const step of stepsOf(target)) {
    options.onStart(step.part);
    const below = step.after.map((part) => told.find((it) => it.part === part));
    const missing = below.find((it) => it !== undefined && it.finding.state !== "works");
    const finding = missing === undefined ? await lookAt(step, patient) : untried(missing);
    // What fails because the ground is taken away is no finding.
    options.over.throwIfAborted();
    told.push({ part: step.part, finding });
    options.onFinding({ part: step.part, finding });
  }
  return told;
}

async function lookAt(step: Step, patient: Patient): Promise<Finding> {
  try {
    const playing = step.play?.(patient) ?? Promise.resolve();
    // Once its time is over nobody waits for it any more, and its end is no news.
    playing.catch(() => {});
    const late = Symbol("late");
    const first = await Promise.race([playing, delay(step.limitMs, late, { ref: false })]);
    if (first === late) return broken(`it was not over after ${step.limitMs / 1_000} s`);
  } catch (cause) {
    return broken(short(cause instanceof Error ? cause.message : String(cause), 600));
  }
  return step.assess(patient.evidence());
}

function untried({ part, finding }: Told): Finding {
  const why = finding.state === "broken" ? "does not work" : "could not be seen";
  return open(`not tried, because this ${why}: ${part}`);
}

function headerOf({ name, target, backend, seed }: ExaminationOptions): Header {
  return {
    schemaVersion: 1,
    run: `doctor/${name}`,
    scenario: "doctor",
    target: name,
    variant: null,
    backend: backend.name,
    seed,
    replicas: backend.replicas(target),
    capabilities: backend.capabilities(target),
    promises: target.promises,
    versions: {},
    startedAt: new Date().toISOString(),
    control: false,
  };
}

const savedWithinMs = 3_000;
/** A service may be built, its image too, and it is started twice: first on an empty database. */
const startLimitMs = 300_000;

function stepsOf(target: Target): Step[] {
  // A step says at most five things, one after the other.
  const limitMs = 5 * target.turnTimeoutMs;
  const step = (
    part: Part,
    after: readonly Part[],
    assess: Step["assess"],
    play?: Step["play"],
  ): Step => ({ part, after, assess, limitMs, ...(play === undefined ? {} : { play }) });
  return [
    { ...step("start", [], starts, boot), limitMs: startLimitMs },
    step("ready check", ["start"], readyCheck, lookAtReadiness),
    step("turn", ["start"], turn, sayFirst),
    step("read", ["turn"], read, readFirst),
    step("threads", ["turn"], threadsApart, sayTwice),
    step("replicas", ["turn"], replicas, sayOnEach),
    step("model wire", ["turn"], modelWire),
    step("model calls", ["model wire"], modelCalls),
    step("side calls", ["model wire"], sideCalls),
    step("prompt", ["model wire"], promptShape),
    step("database wire", ["turn"], databaseWire),
    step("storage", ["database wire"], storage, survey),
    step("tools wire", ["model wire"], toolsWire, useTools),
    step("unknown thread", ["turn"], unknownThread, sayOnUnknown),
    step("retry", ["turn"], retry, sayAgain),
    step("delete", ["turn"], deletion, deleteOne),
  ];
}

async function boot(patient: Patient): Promise<void> {
  const { stage } = patient;
  await stage.deployment.boot();
  if (has(patient, "survey")) await stage.deployment.survey("before");
}

function has({ evidence }: Patient, capability: Capability): boolean {
  return evidence().history.header.capabilities.includes(capability);
}

/** Through the ingress, as clients come; and a path that cannot be known. */
async function lookAtReadiness(patient: Patient): Promise<void> {
  const { target, stage } = patient;
  const { ready } = target;
  if (ready === undefined) return;
  const ask = async (request: object, on: string): Promise<Look> => {
    const answer = await stage.wire.send({
      request: { headers: ready.headers, ...request },
      names: {},
      on,
      client: "doctor",
      timeoutMs: target.turnTimeoutMs,
      hangUp: null,
    });
    return answer.kind === "answered" ? answer : { status: null, body: answer.why };
  };
  for (const { name } of stage.deployment.replicas) patient.looks[name] = await ask(ready, name);
  const path = `/threadproof-${randomUUID()}`;
  patient.nowhere = await ask({ get: path }, stage.deployment.first.name);
}

async function sayFirst({ stage }: Patient): Promise<void> {
  await named(stage, threads.first).say("My name is Ann.", { on: stage.deployment.first });
}

async function readFirst({ stage }: Patient): Promise<void> {
  await named(stage, threads.first).read({ on: stage.deployment.first });
}

/** Each sees its own, so each has to say something again. */
async function sayTwice({ stage }: Patient): Promise<void> {
  const on = stage.deployment.first;
  const [first, second] = [named(stage, threads.first), named(stage, threads.second)];
  await second.say("My name is Bob.", { on });
  for (const one of [first, second]) {
    await one.say("What is my name?", { on });
    await one.read({ on });
  }
}

async function sayOnEach({ stage }: Patient): Promise<void> {
  for (const on of stage.deployment.replicas.slice(1)) {
    await named(stage, threadOn(on.name)).say("hello", { on });
  }
}

/** Some save after they have answered: it is looked at again for a moment. */
async function survey(patient: Patient): Promise<void> {
  if (!has(patient, "survey")) return;
  const { stage } = patient;
  const deadline = performance.now() + savedWithinMs;
  do {
    await stage.deployment.survey("after", { of: named(stage, threads.first) });
    if (storage(patient.evidence()).state === "works") return;
    await delay(100);
  } while (performance.now() < deadline);
}

async function useTools({ stage, target }: Patient): Promise<void> {
  if (target.tools.length === 0) return;
  const on = stage.deployment.first;
  await named(stage, threads.tools).say("Use your tools.", { on, steps: target.tools });
}

async function sayOnUnknown({ stage }: Patient): Promise<void> {
  const stray = { threadId: randomUUID() };
  const user = stage.conversation({ stray }, threads.unknown);
  await user.say("hello", { on: stage.deployment.first });
}

async function sayAgain({ stage, target }: Patient): Promise<void> {
  if (target.retry === "none" || target.retry === "wait") return;
  const on = stage.deployment.first;
  const user = named(stage, threads.retried);
  await user.say("Say this once.", { on });
  await user.retry({ on });
  await user.say("What did I say?", { on });
  await user.read({ on });
}

async function deleteOne({ stage }: Patient): Promise<void> {
  await named(stage, threads.second).delete({ on: stage.deployment.first });
}

/** The conversation of this name: the one that there is, or a new one. */
function named({ conversations, conversation }: OpenStage, name: string) {
  return conversations.find((it) => it.name === name) ?? conversation({}, name);
}
