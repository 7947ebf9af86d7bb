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
  probeReadiness,
  type Examination,
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

/** The parts of a target, in the order of their examination. */
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

export interface PartFinding {
  readonly part: Part;
  readonly finding: Finding;
  /** False: not examined, because a part that it depends on does not work. */
  readonly isExamined: boolean;
}

export interface ExaminationOptions {
  readonly name: string;
  readonly target: Target;
  readonly backend: Backend;
  readonly seed: number;
  /** Hooks of a deployed target; null: none. */
  readonly hooks: Hooks | null;
  readonly openDatabase: (of: "template" | "nothing") => Promise<Database>;
  /** When it is aborted, the examination stops and throws. */
  readonly over: AbortSignal;
  /** Called before a part is examined. */
  readonly onStart: (part: Part) => void;
  /** Called with the finding of a part. */
  readonly onFinding: (finding: PartFinding) => void;
}

/** The examination of one part: an action, and a pure function from evidence to finding. */
interface Step {
  readonly part: Part;
  /** The parts that must work before this one is examined. */
  readonly after: readonly Part[];
  /** Absent: earlier steps already gave the evidence. */
  readonly play?: (examination: Examination) => Promise<void>;
  readonly limitMs: number;
  readonly assess: (evidence: Evidence) => Finding;
}

/** Tests a target part by part, without faults. Throws only if the harness itself fails. */
export async function examine(options: ExaminationOptions): Promise<PartFinding[]> {
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
  const examination: Examination = {
    target,
    stage,
    probes: {},
    unknownPath: null,
    logged: null,
    hooks: options.hooks,
    evidence: () => {
      const connections = recording.header.replicas.map(
        (name) => [name, stage.deployment.wires.database.connectionsOf(name)] as const,
      );
      const { probes, unknownPath, logged } = examination;
      return {
        target,
        history: recording,
        probes,
        unknownPath,
        logged,
        connections: Object.fromEntries(connections),
      };
    },
  };
  const findings: PartFinding[] = [];
  for (const step of stepsOf(target)) {
    options.onStart(step.part);
    const below = step.after.map((part) => findings.find((it) => it.part === part));
    const missing = below.find((it) => it !== undefined && isMissing(it, step));
    const finding = missing === undefined ? await run(step, examination) : untried(missing);
    // A failure caused by the disposal of the resources is not a finding.
    options.over.throwIfAborted();
    const latest = { part: step.part, finding, isExamined: missing === undefined };
    findings.push(latest);
    options.onFinding(latest);
  }
  return findings;
}

async function run(step: Step, examination: Examination): Promise<Finding> {
  try {
    const playing = step.play?.(examination) ?? Promise.resolve();
    // After the time limit nothing awaits the step, so its later failure is ignored.
    playing.catch(() => {});
    const late = Symbol("late");
    const first = await Promise.race([playing, delay(step.limitMs, late, { ref: false })]);
    if (first === late) return broken(`did not finish within ${step.limitMs / 1_000} s`);
  } catch (cause) {
    return broken(short(cause instanceof Error ? cause.message : String(cause), 600));
  }
  return step.assess(examination.evidence());
}

/** A run can survey a database even if the database wire is not ours. */
function isMissing({ finding: { state }, isExamined }: PartFinding, { part }: Step): boolean {
  if (part !== "storage") return state !== "works";
  return state === "broken" || !isExamined;
}

/** The finding of a part that was not examined. It names the first part that does not work. */
function untried({ part, finding, isExamined }: PartFinding): Finding {
  if (!isExamined) return finding;
  const why = finding.state === "broken" ? "does not work" : "could not be observed";
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
    assumed: target.assumed,
    versions: {},
    startedAt: new Date().toISOString(),
    experiment: null,
  };
}

/** The first start may build the service and its image, and migrates an empty database. */
const startLimitMs = 300_000;

function stepsOf(target: Target): Step[] {
  // A step takes at most five turns or reads, one after the other.
  const limitMs = 5 * target.turnTimeoutMs;
  const step = (
    part: Part,
    after: readonly Part[],
    assess: Step["assess"],
    play?: Step["play"],
  ): Step => ({ part, after, assess, limitMs, ...(play === undefined ? {} : { play }) });
  return [
    { ...step("start", [], starts, boot), limitMs: startLimitMs },
    step("ready check", ["start"], readyCheck, probeReadiness),
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
    // Any earlier turn may have waited for an approval.
    step("resume", ["start"], resumption),
    step("unknown thread", ["turn"], unknownThread, sayOnUnknown),
    step("retry", ["turn"], retry, sayAgain),
    step("delete", ["turn"], deletion, deleteOne),
    step("hooks", [], hooking, readLog),
  ];
}
