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
  /** The file for the history of each played turn, each as a separate run. */
  readonly historyFile: HistoryFile | null;
  /** Values that no report and no history may show. */
  readonly secrets: Secrets;
  /** Whether to kill a second time, at each point of the recovery from the first kill. */
  readonly double: boolean;
  /** Whether each point gets new replicas. If not, they are reused if the last point passed. */
  readonly fresh: boolean;
  readonly parallel?: number;
  /** The command that runs one point again. */
  readonly reproduce: (point: string) => string;
  /** Called when the points are known, and after each point. `count`: the points to sweep. */
  readonly onProgress?: (soFar: SweepReport, latest: readonly PointResult[], count: number) => void;
}

/**
 * Learns the points of a turn, then kills its replica at each of them.
 * @throws NoSuchPoint if the user asked for a point that the turn does not have.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const began = performance.now();
  const { resources, target, variant, steps, seed, double, fresh } = options;
  const count = { turns: 0 };
  const { points, play, undisturbed } = await learn(options, count);
  // Without points the report shows why the undisturbed turn failed.
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
  const report = (latest: readonly PointResult[]) =>
    options.onProgress?.(soFar(false), latest, swept.length);
  report([]);
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
      report(latest);
    };
    await mapInParallel(swept, sweepNext, options.parallel);
  };
  await sweepAll();
  return soFar(true);
}

/** After this long without activity, in milliseconds, a learned turn is saved. */
const learningMs = 500;

interface Learned extends Pick<SweepReport, "undisturbed"> {
  readonly points: readonly CrashPoint[];
  readonly play: Play;
}

/** Plays the turn without a kill, to learn its points and the pauses between them. */
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
  // Concurrent turns are slower than this one, hence the factor.
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
  return `the target lacks "${lack}": ${backend.remedy(definition, lack) ?? "no configuration helps"}`;
}

function subjectOf({ target, variant }: SweepOptions): Subject {
  const definition = uninterrupted({ steps: [], lullMs: 0, settleMs: 0 });
  return { scenario: { name: "sweep", definition }, target, variant };
}

/** The replicas that a sweep kills. Disposing ends them. */
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

/** The second turn of the workload. The first one is only a fact to remember. */
function turnOf(history: History): string {
  return turnsOf(history).filter(({ purpose }) => purpose === "workload")[1]?.name ?? "";
}

/** Sweeps one point. `double` also sweeps its recovery, or one point of it for a sample. */
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

/** Immediate kills by the state at their point. The planned state is the key, `left` the real. */
type AtOnce = Map<string, Promise<{ readonly played: Played; readonly left: string }>>;

interface Means {
  readonly pairs: Pairs;
  readonly atOnce: AtOnce;
}

/**
 * Kills late. If the turn continues while the statement is held, also plays a kill at once, because
 * concurrent steps can change the result. `decisive` is the play that breaks, if one does.
 *
 * Immediate kills between the same two lasting events leave the same state. If one of them passed,
 * the others are not played.
 */
async function kill(
  { pairs, atOnce }: Means,
  crash: Omit<Crash, "late">,
): Promise<{ readonly late: Played; readonly decisive: Played }> {
  const late = await pairs.play(crashAt({ ...crash, late: true }));
  const point = crash.second ?? crash.first;
  const goesOn = wentOn(late.history, turnOf(late.history), point);
  if (!holds(late) || !goesOn) return { late, decisive: late };
  // Use the state of this play, because concurrent steps may end in another order each time.
  const left = leftBehind(crash, late.history);
  const other = await atOnce.get(left);
  // A play that reached its point in another state proves nothing for this one.
  if (other?.left === left && holds(other.played)) return { late, decisive: other.played };
  const play = async () => {
    const played = await pairs.play(crashAt({ ...crash, late: false }));
    return { played, left: leftBehind(crash, played.history) };
  };
  const playing = play();
  if (other === undefined) atOnce.set(left, playing);
  return { late, decisive: (await playing).played };
}

/** A key for the lasting state when a turn reached the point of its kill. */
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

/** `killed`: the point of the kill, and that of the second kill, if any. */
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

/** The verdict on a played turn. */
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
