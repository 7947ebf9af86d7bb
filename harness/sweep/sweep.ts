import { availableParallelism } from "node:os";
import type { Ground } from "../ground.ts";
import { entriesOf, type History } from "../history.ts";
import { seenOf } from "../result.ts";
import {
  lacking,
  type RunOptions,
  runScenario,
  type ScenarioReport,
  type Subject,
} from "../run.ts";
import type { Secrets } from "../secrets.ts";
import { createTemplate } from "../template.ts";
import type { Scenario } from "../scenario.ts";
import { suggestion } from "../target/nearest.ts";
import { type Crash, crashAt, type Play, uninterrupted } from "./crash.ts";
import { type CrashPoint, crashPointsOf, longestSilence, wentOn } from "./points.ts";
import type { PointResult, SweepReport } from "./report.ts";

export interface SweepOptions {
  readonly ground: Ground;
  readonly target: Subject["target"];
  readonly variant: Subject["variant"];
  readonly steps: readonly string[];
  readonly seed: number;
  /** What must not be told to anybody. */
  readonly secrets: Secrets;
  /** Only these; null: all. */
  readonly points: readonly string[] | null;
  /** So many of them, evenly over the turn; null: all. */
  readonly sample: number | null;
  /** A second kill at each point of the recovery from the first. */
  readonly double: boolean;
  readonly parallel?: number;
  /** The command that repeats one point. */
  readonly repeat: (point: string) => string;
  /**
   * Called once the points are known, `count` of them to be swept, and after each, with what is
   * new.
   */
  readonly onProgress?: (soFar: SweepReport, latest: readonly PointResult[], count: number) => void;
}

/** A point that the turn does not have. */
export class NoSuchPoint extends Error {}

/**
 * Takes a turn apart: first its points are learned, then its replica is killed at each of them.
 * @throws NoSuchPoint where one is asked for by name that the turn does not have.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const began = performance.now();
  const { ground, target, variant, steps, seed, double } = options;
  const { points, play, undisturbed } = await learn(options);
  // A turn that was not answered is told by what is wrong with it undisturbed.
  const swept = points.length === 0 ? [] : chosen(points, options);
  const results: PointResult[][] = [];
  const soFar = (complete: boolean): SweepReport => ({
    ...{ schemaVersion: 1, target: target.name, variant: variant?.name ?? null },
    ...{ steps: [...steps], seed, double, complete, turnPoints: points.length, undisturbed },
    points: results.flat(),
    durationMs: Math.round(performance.now() - began),
    versions: { ...ground.versions },
  });
  const tell = (latest: readonly PointResult[]) =>
    options.onProgress?.(soFar(false), latest, swept.length);
  tell([]);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < swept.length; index = next++) {
      const point = swept[index];
      if (point === undefined) continue;
      const latest = await sweepPoint(options, { point, play, index });
      results[index] = latest;
      tell(latest);
    }
  };
  const parallel = options.parallel ?? availableParallelism() + 1;
  const ends = await Promise.allSettled(Array.from({ length: parallel }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return soFar(true);
}

/** A turn of which nothing was seen for so long, in milliseconds, has saved what it saves. */
const learningMs = 500;

interface Learned extends Pick<SweepReport, "undisturbed"> {
  readonly points: readonly CrashPoint[];
  readonly play: Play;
}

/** Plays the turn without a kill: which points it has, and how long it is silent in between. */
async function learn(options: SweepOptions): Promise<Learned> {
  const { steps } = options;
  const play = { steps, lullMs: 0, settleMs: learningMs };
  const report = await playOut(options, uninterrupted(play));
  const { history } = report;
  const turn = turnOf(history);
  const points = crashPointsOf(history, turn, 1);
  const { verdict, diagnosis, because } = seenIn(report);
  const undisturbed = { verdict, diagnosis, because };
  // Several at once are slower than one alone.
  const lullMs = Math.min(1_000, Math.max(50, 5 * longestSilence(history, turn, 1)));
  const settleMs = points.some(({ replied }) => replied) ? lullMs : 0;
  return { points, play: { steps, lullMs, settleMs }, undisturbed };
}

/** Why a target cannot be swept; null: it can. */
export function unfitForSweep({ ground, target, variant }: SweepOptions): string | null {
  const backend = ground.backendOf(target.definition);
  const scenario = {
    name: "sweep",
    definition: uninterrupted({ steps: [], lullMs: 0, settleMs: 0 }),
  };
  const lack = lacking({ scenario, target, variant }, backend);
  const unfit = backend.unfit(target.definition);
  if (unfit !== null || lack === null) return unfit;
  return `the target lacks "${lack}": ${backend.remedy(target.definition, lack) ?? "no remedy is known"}`;
}

async function playOut(options: SweepOptions, definition: Scenario): Promise<ScenarioReport> {
  const { ground, target, variant, seed, secrets } = options;
  const { cluster } = ground;
  const backend = ground.backendOf(target.definition);
  const run: RunOptions = {
    backend,
    seed,
    round: 0,
    versions: ground.versions,
    historyFile: null,
    secrets,
    server: null,
    openDatabase: async (of) =>
      of === "nothing"
        ? cluster.create()
        : cluster.create({ template: await createTemplate(backend, cluster, target) }),
  };
  const scenario = { name: "sweep", definition };
  return runScenario({ scenario, target, variant }, run);
}

/** The second turn of the workload: the first is only there to be remembered. */
function turnOf(history: History): string {
  const turns = entriesOf(history, "attempt.begin").filter((it) => it.purpose === "workload");
  return turns[1]?.turn ?? "";
}

/** A point by itself; with `double` its recovery is swept too, of a sample one point of each. */
async function sweepPoint(
  options: SweepOptions,
  { point, play, index }: { point: CrashPoint; play: Play; index: number },
): Promise<PointResult[]> {
  const { repeat, double, sample, points } = options;
  const crash = { ...play, first: point };
  const single = await kill(options, { ...crash, second: null });
  const results = [resultOf(point, single.decisive, repeat(point.name))];
  if (double) {
    const recovery = crashPointsOf(single.late.history, turnOf(single.late.history), 2);
    const wanted = recovery.filter(({ name }, i) =>
      sample === null
        ? (points ?? [point.name]).some((it) => covers(it, `${point.name}, then ${name}`))
        : i === (index * 7) % recovery.length,
    );
    for (const second of wanted) {
      const name = `${point.name}, then ${second.name}`;
      const { decisive } = await kill(options, { ...crash, second });
      results.push(resultOf({ ...second, name }, decisive, repeat(name)));
    }
  }
  return results;
}

/**
 * Kills late, and, where the turn goes on while a statement is held, also at once: what runs beside
 * it may make it worse or better. Answers with what breaks, if either does, beside the late one.
 */
async function kill(
  options: SweepOptions,
  crash: Omit<Crash, "late">,
): Promise<{ readonly late: ScenarioReport; readonly decisive: ScenarioReport }> {
  const late = await playOut(options, crashAt({ ...crash, late: true }));
  const point = crash.second ?? crash.first;
  const isDecided = seenOf(late.judgements).kind !== "holds";
  if (isDecided || !wentOn(late.history, turnOf(late.history), point)) {
    return { late, decisive: late };
  }
  return { late, decisive: await playOut(options, crashAt({ ...crash, late: false })) };
}

/** "after COMMIT 1" covers each "after COMMIT 1, then …", and itself. */
function covers(name: string, found: string): boolean {
  return found === name || found.startsWith(`${name}, then `);
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  { points, sample }: Pick<SweepOptions, "points" | "sample">,
): T[] {
  const wanted = points === null ? [...all] : named(all, points);
  if (sample === null || sample >= wanted.length) return wanted;
  return wanted.filter(
    (_, i) =>
      Math.floor(((i + 1) * sample) / wanted.length) > Math.floor((i * sample) / wanted.length),
  );
}

function named<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
): T[] {
  return names.flatMap((name) => {
    const found = all.filter((it) => covers(it.name, name));
    if (found.length > 0) return found;
    const known = all.map((it) => it.name);
    const meant = suggestion(name, known);
    throw new NoSuchPoint(`no point "${name}"${meant}; there are ${inShort(known)}`);
  });
}

/** "before and after BEGIN 1 to 14, …": the points of a turn are too many for a sentence. */
function inShort(names: readonly string[]): string {
  const counts = Map.groupBy(
    names.map((name) => /^(?:before |after )?(.*) (\d+)$/.exec(name) ?? [name, name, ""]),
    ([, of]) => of ?? "",
  );
  const told = [...counts].map(([of, found]) => {
    const ordinals = found.map(([, , ordinal]) => Number(ordinal));
    const [least, most] = [Math.min(...ordinals), Math.max(...ordinals)];
    return least === most ? `${of} ${least}` : `${of} ${least} to ${most}`;
  });
  return `before and after ${told.join(", ")}; a model call that is open has its name alone`;
}

function resultOf(point: CrashPoint, report: ScenarioReport, repeat: string): PointResult {
  return { ...point, ...seenIn(report), repeat };
}

const repetitions = ["repeated-steps", "duplicated-effect", "duplicated-resend", "duplicated-turn"];

/** What became of a turn. */
function seenIn({ judgements }: ScenarioReport): Omit<PointResult, keyof CrashPoint | "repeat"> {
  const seen = seenOf(judgements);
  const decisive = judgements.find((it) => it.verdict.kind === seen.kind)?.verdict;
  const diagnoses = judgements.flatMap(({ verdict }) =>
    verdict.kind === "violated" ? verdict.diagnoses : [],
  );
  const kinds = [...new Set(diagnoses.map(({ kind }) => kind))];
  return {
    verdict: seen.kind,
    diagnosis: diagnoses[0]?.kind ?? null,
    because: decisive === undefined || decisive.kind === "holds" ? null : decisive.because,
    remedy: diagnoses[0]?.remedy ?? null,
    repeated: kinds.filter((kind) => repetitions.includes(kind)),
    lost: kinds.filter((kind) => !repetitions.includes(kind)),
  };
}
