import { setTimeout as delay } from "node:timers/promises";
import type { Backend } from "../../deployment/backend.ts";
import type { Header } from "../../history/header.ts";
import type { Hooks } from "../../deployment/url/hooks.ts";
import type { Database } from "../../machine/postgres/database.ts";
import { random } from "../../history/random.ts";
import { Recording } from "../../history/recording.ts";
import { openStage } from "../../engine/stage.ts";
import type { Target } from "../../config/configuration.ts";
import { resumption } from "./resume.ts";
import type { Evidence } from "./observed.ts";
import { broken, type Finding, open, short } from "./finding.ts";
import { hooking } from "./hook-checks.ts";
import {
  boot,
  deleteOne,
  lookAtReadiness,
  type Patient,
  readFirst,
  readSecondView,
  readLog,
  sayAgain,
  sayFirst,
  sayOnEach,
  sayOnUnknown,
  sayTwice,
  survey,
  useTools,
} from "./steps.ts";
import { modelCalls, promptShape, sideCalls } from "./prompts.ts";
import { deletion, retry } from "./retry-check.ts";
import { readyCheck, starts } from "./start.ts";
import { read, secondView, turn } from "./turns-check.ts";
import { replicas, threadsApart, unknownThread } from "./threads.ts";
import { databaseWire, modelWire, storage, toolsWire } from "./wires-check.ts";

/** The parts of a target, in the order in which they are looked at. */
export type Part =
  | "start"
  | "ready check"
  | "turn"
  | "read"
  | "second view"
  | "threads"
  | "replicas"
  | "model wire"
  | "model calls"
  | "side calls"
  | "prompt"
  | "database wire"
  | "storage"
  | "tools wire"
  | "resume"
  | "unknown thread"
  | "retry"
  | "delete"
  | "hooks";

export interface Told {
  readonly part: Part;
  readonly finding: Finding;
  /** False: it was not examined, because a part that it rests on does not work. */
  readonly isExamined: boolean;
}

export interface ExaminationOptions {
  readonly name: string;
  readonly target: Target;
  readonly backend: Backend;
  readonly seed: number;
  /** Of a target that is deployed already; null: it has none. */
  readonly hooks: Hooks | null;
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
    logged: null,
    hooks: options.hooks,
    evidence: () => {
      const connections = recording.header.replicas.map(
        (name) => [name, stage.deployment.wires.database.connectionsOf(name)] as const,
      );
      const { looks, nowhere, logged } = patient;
      return {
        target,
        history: recording,
        looks,
        nowhere,
        logged,
        connections: Object.fromEntries(connections),
      };
    },
  };
  const told: Told[] = [];
  for (const step of stepsOf(target)) {
    options.onStart(step.part);
    const below = step.after.map((part) => told.find((it) => it.part === part));
    const missing = below.find((it) => it !== undefined && isMissing(it, step));
    const finding = missing === undefined ? await lookAt(step, patient) : untried(missing);
    // A failure caused by the disposal of the resources is not a finding.
    options.over.throwIfAborted();
    const latest = { part: step.part, finding, isExamined: missing === undefined };
    told.push(latest);
    options.onFinding(latest);
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

/** A database can be looked at, though its wire is not ours. */
function isMissing({ finding: { state }, isExamined }: Told, { part }: Step): boolean {
  if (part !== "storage") return state !== "works";
  return state === "broken" || !isExamined;
}

/** Told with the part that everything else rests on. */
function untried({ part, finding, isExamined }: Told): Finding {
  if (!isExamined) return finding;
  const why = finding.state === "broken" ? "does not work" : "could not be seen";
  return open(`not tried, because this ${why}: ${part}`);
}

function headerOf({ name, target, backend, seed }: ExaminationOptions): Header {
  return {
    schemaVersion: 2,
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
    step("second view", ["turn"], secondView, readSecondView),
    step("threads", ["turn"], threadsApart, sayTwice),
    step("replicas", ["turn"], replicas, sayOnEach),
    step("model wire", ["turn"], modelWire),
    step("model calls", ["model wire"], modelCalls),
    step("side calls", ["model wire"], sideCalls),
    step("prompt", ["model wire"], promptShape),
    step("database wire", ["turn"], databaseWire),
    step("storage", ["database wire"], storage, survey),
    step("tools wire", ["model wire"], toolsWire, useTools),
    // Each turn so far may have waited.
    step("resume", ["start"], resumption),
    step("unknown thread", ["turn"], unknownThread, sayOnUnknown),
    step("retry", ["turn"], retry, sayAgain),
    step("delete", ["turn"], deletion, deleteOne),
    step("hooks", [], hooking, readLog),
  ];
}
