import type { RunResources } from "../resources.ts";
import { isRepetition } from "../../checkers/diagnoses.ts";
import { turnsOf } from "../../checkers/turns.ts";
import type { History } from "../../history/history.ts";
import { seenOf } from "../case-result.ts";
import { lacking, type RunOptions, type Subject } from "../run.ts";
import { formatPath, formatPoint } from "../../history/point.ts";
import type { HistoryFile } from "../../history/recording.ts";
import type { Secrets } from "../../history/secrets.ts";
import { openDatabase } from "../../deployment/database-template.ts";
import { begins, type Choice, chosen } from "./choice.ts";
import { type Crash, crashAt, type Play, uninterrupted } from "./crash.ts";
import { mapInParallel } from "../parallel.ts";
import { type PairOptions, type Played, Pairs } from "./replica-pair.ts";
import { type CrashPoint, crashPointsOf, longestSilence, wentOn } from "./points.ts";
import type { PointResult, SweepReport } from "../../report/sweep/sweep-report.ts";

export interface SweepOptions extends Choice {
  readonly resources: RunResources;
  readonly target: Subject["target"];
  readonly variant: Subject["variant"];
  readonly steps: readonly string[];
  readonly seed: number;
  /** Where the history of each played turn goes, as a run of its own. */
  readonly historyFile: HistoryFile | null;
  /** They never reach a report or the history. */
  readonly secrets: Secrets;
  /** A second kill at each point of the recovery from the first. */
  readonly double: boolean;
  /** Each point gets replicas of its own; else those of a point that held serve the next one. */
  readonly fresh: boolean;
  readonly parallel?: number;
  /** The command that runs one point again. */
  readonly reproduce: (point: string) => string;
  /**
   * Called once the points are known, `count` of them to be swept, and after each, with what is
   * new.
   */
  readonly onProgress?: (soFar: SweepReport, latest: readonly PointResult[], count: number) => void;
}

/**
 * Takes a turn apart: first its points are learned, then its replica is killed at each of them.
 * @throws NoSuchPoint where one is asked for by name that the turn does not have.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const began = performance.now();
  const { resources, target, variant, steps, seed, double, fresh } = options;
  const count = { turns: 0 };
  const { points, play, undisturbed } = await learn(options, count);
  // A turn that was not answered is told by what is wrong with it undisturbed.
  const swept = points.length === 0 ? [] : chosen(points, options);
  const results: PointResult[][] = [];
  const all: Pairs[] = [];
  const soFar = (complete: boolean): SweepReport => ({
    ...{ schemaVersion: 1, target: target.name, variant: variant?.name ?? null },
    ...{ steps: [...steps], seed, double, fresh, complete, turnPoints: points.length, undisturbed },
    points: results.flat(),
    kills: all.reduce((sum, { plays }) => sum + plays, 0),
    durationMs: Math.round(performance.now() - began),
    versions: { ...resources.versions },
  });
  const tell = (latest: readonly PointResult[]) =>
    options.onProgress?.(soFar(false), latest, swept.length);
  tell([]);
  const atOnce: AtOnce = new Map();
  const sweepAll = async (): Promise<void> => {
    await using opened = new AsyncDisposableStack();
    const idle: Pairs[] = [];
    const open = (): Pairs => {
      const pairs = opened.use(pairsFor(options, count));
      all.push(pairs);
      return pairs;
    };
    const sweepNext = async (point: CrashPoint, index: number): Promise<void> => {
      const pairs = idle.pop() ?? open();
      const latest = await sweepPoint(options, { pairs, atOnce }, { point, play, index });
      idle.push(pairs);
      results[index] = latest;
      tell(latest);
    };
    await mapInParallel(swept, sweepNext, options.parallel);
  };
  await sweepAll();
  return soFar(true);
}

/** A turn of which nothing was seen for so long, in milliseconds, has saved what it saves. */
const learningMs = 500;

interface Learned extends Pick<SweepReport, "undisturbed"> {
  readonly points: readonly CrashPoint[];
  readonly play: Play;
}

/** Plays the turn without a kill: which points it has, and how long it is silent in between. */
async function learn(options: SweepOptions, count: PairOptions["count"]): Promise<Learned> {
  const { steps } = options;
  const play = { steps, lullMs: 0, settleMs: learningMs };
  await using pairs = pairsFor(options, count);
  const played = await pairs.play(uninterrupted(play));
  const { history } = played;
  const turn = turnOf(history);
  const points = crashPointsOf(history, turn, 1);
  const { verdict, diagnosis, because, run } = seenIn(played);
  const undisturbed = { verdict, diagnosis, because, run };
  // Several at once are slower than one alone.
  const lullMs = Math.min(1_000, Math.max(50, 5 * longestSilence(history, turn, 1)));
  const settleMs = points.some(({ replied }) => replied) ? lullMs : 0;
  return { points, play: { steps, lullMs, settleMs }, undisturbed };
}

/** Why a target cannot be swept; null: it can. */
export function unfitForSweep(options: SweepOptions): string | null {
  const { definition } = options.target;
  const backend = options.resources.backendOf(definition);
  const lack = lacking(subjectOf(options), backend);
  const unfit = backend.unfit(definition);
  if (unfit !== null || lack === null) return unfit;
  return `the target lacks "${lack}": ${backend.remedy(definition, lack) ?? "no remedy is known"}`;
}

function subjectOf({ target, variant }: SweepOptions): Subject {
  const definition = uninterrupted({ steps: [], lullMs: 0, settleMs: 0 });
  return { scenario: { name: "sweep", definition }, target, variant };
}

/** The replicas that a sweep kills; disposed of, they are gone. */
export function pairsFor(options: SweepOptions, count: PairOptions["count"] = { turns: 0 }): Pairs {
  const { resources, target, seed, secrets, fresh, historyFile } = options;
  const { cluster } = resources;
  const backend = resources.backendOf(target.definition);
  const run: RunOptions = {
    ...{ backend, seed, round: 0, versions: resources.versions, historyFile, secrets },
    server: null,
    openDatabase: async (of) => openDatabase(of, { backend, cluster, target }),
  };
  return new Pairs({ subject: subjectOf(options), run, fresh, count });
}

/** The second turn of the workload: the first is only there to be remembered. */
function turnOf(history: History): string {
  return turnsOf(history).filter(({ purpose }) => purpose === "workload")[1]?.name ?? "";
}

/** A point by itself; with `double` its recovery is swept too, of a sample one point of each. */
async function sweepPoint(
  options: SweepOptions,
  means: Means,
  { point, play, index }: { point: CrashPoint; play: Play; index: number },
): Promise<PointResult[]> {
  const { reproduce, double, sample, points } = options;
  const crash = { ...play, first: point };
  const single = await kill(means, { ...crash, second: null });
  const results = [resultOf([point], single.decisive, reproduce)];
  if (double) {
    const recovery = crashPointsOf(single.late.history, turnOf(single.late.history), 2);
    const asked = points ?? [formatPoint(point.point)];
    const wanted = recovery.filter((second, i) =>
      sample === null
        ? asked.some((it) => begins(it, [point.point, second.point]))
        : i === (index * 7) % recovery.length,
    );
    for (const second of wanted) {
      const { decisive } = await kill(means, { ...crash, second });
      results.push(resultOf([point, second], decisive, reproduce));
    }
  }
  return results;
}

/** What was played at once, and what had happened until then that lasts: its key, as planned. */
type AtOnce = Map<string, Promise<{ readonly played: Played; readonly left: string }>>;

interface Means {
  readonly pairs: Pairs;
  readonly atOnce: AtOnce;
}

/**
 * Kills late, and, where the turn goes on while a statement is held, also at once: what runs beside
 * it may make it worse or better. Answers with what breaks, if either does, beside the late one.
 * Kills at once between the same two things that last leave the same behind: where one of them
 * held, the others do.
 */
async function kill(
  { pairs, atOnce }: Means,
  crash: Omit<Crash, "late">,
): Promise<{ readonly late: Played; readonly decisive: Played }> {
  const late = await pairs.play(crashAt({ ...crash, late: true }));
  const point = crash.second ?? crash.first;
  const goesOn = wentOn(late.history, turnOf(late.history), point);
  if (!holds(late) || !goesOn) return { late, decisive: late };
  // As it was in this play: what runs beside each other need not end in the same order again.
  const left = leftBehind(crash, late.history);
  const other = await atOnce.get(left);
  // One that came to its own point in another state stands for nobody else.
  if (other?.left === left && holds(other.played)) return { late, decisive: other.played };
  const play = async () => {
    const played = await pairs.play(crashAt({ ...crash, late: false }));
    return { played, left: leftBehind(crash, played.history) };
  };
  const playing = play();
  if (other === undefined) atOnce.set(left, playing);
  return { late, decisive: (await playing).played };
}

/** What stood when a turn came to the point at which it was killed, as a key. */
function leftBehind({ first, second }: Omit<Crash, "late">, history: History): string {
  const { point, lasting } = second ?? first;
  const seen = crashPointsOf(history, turnOf(history), second === null ? 1 : 2);
  const name = formatPoint(point);
  const found = seen.find((it) => formatPoint(it.point) === name);
  return JSON.stringify([second === null ? null : first.point, found?.lasting ?? lasting]);
}

function holds({ judgements }: Played): boolean {
  return seenOf(judgements).kind === "holds";
}

const places = { statement: "database", model: "model", tool: "tools" } as const;

/** `killed`: where the turn was killed, and perhaps where its recovery was. */
function resultOf(
  killed: readonly [CrashPoint, CrashPoint?],
  played: Played,
  reproduce: SweepOptions["reproduce"],
): PointResult {
  const [first, second] = killed;
  const { point, replied } = second ?? first;
  const name = formatPath(second === undefined ? [first.point] : [first.point, second.point]);
  const where = places[point.at];
  return { name, where, replied, ...seenIn(played), reproduce: reproduce(name) };
}

/** What became of a turn. */
function seenIn({
  history,
  judgements,
}: Played): Omit<PointResult, "name" | "where" | "replied" | "reproduce"> {
  const seen = seenOf(judgements);
  const decisive = judgements.find((it) => it.verdict.kind === seen.kind)?.verdict;
  const diagnoses = judgements.flatMap(({ verdict }) =>
    verdict.kind === "violated" ? verdict.diagnoses : [],
  );
  const kinds = [...new Set(diagnoses.map(({ kind }) => kind))];
  return {
    run: history.header.run,
    verdict: seen.kind,
    diagnosis: diagnoses[0]?.kind ?? null,
    because: decisive === undefined || decisive.kind === "holds" ? null : decisive.because,
    remedy: diagnoses[0]?.remedy ?? null,
    repeated: kinds.filter(isRepetition),
    lost: kinds.filter((kind) => !isRepetition(kind)),
  };
}
