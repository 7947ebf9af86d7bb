/** Phrases that all formats share, so that each thing has one name. */
import { formatService, type ServiceName } from "../history/case-name.ts";
import type { Expectation } from "../checkers/expectation.ts";
import type { Ladder } from "../checkers/verdict.ts";
import type { ExperimentResult, NotRun, Result, RunReport } from "./result.ts";

export const markOf = { holds: "✔", violated: "✘", inconclusive: "?" } as const;

/**
 * Each result with the name of its service. Repeated runs (--runs) also get a number, because CI
 * systems distinguish cases only by name.
 */
export function casesOf({ results }: RunReport): { result: Result; name: string }[] {
  const times = new Map<string, number>();
  return results.map((result) => {
    const service = formatService(result);
    const pair = `${result.scenario} ${service}`;
    const count = (times.get(pair) ?? 0) + 1;
    times.set(pair, count);
    return { result, name: count === 1 ? service : `${service} (${count})` };
  });
}

/** Omits the target's name if the run has only one target. */
export function shortServiceOf(all: readonly ServiceName[]): (of: ServiceName) => string {
  const several = hasSeveralTargets(all);
  return (of) => (several ? formatService(of) : (of.variant ?? of.target));
}

export function hasSeveralTargets(all: readonly ServiceName[]): boolean {
  return new Set(all.map((of) => of.target)).size > 1;
}

/** All cases of a report, whether they ran or not. */
export function allCases({ results, notRun }: RunReport): (Result | NotRun)[] {
  return [...results, ...notRun];
}

/** "violated by remembers-everything: split-brain". */
export function seenPhrase(result: Result): string {
  return phrase(
    result.verdict.kind,
    result.checker,
    result.diagnoses.map((diagnosis) => diagnosis.kind),
  );
}

export function expectedPhrase(expected: Expectation): string {
  if (expected.kind === "holds") return "holds";
  const { kind, checker, diagnoses, perhaps } = expected;
  const also = perhaps.length > 0 ? `, perhaps ${perhaps.join(", ")}` : "";
  return `${phrase(kind, checker, diagnoses)}${also}`;
}

function phrase(kind: string, checker: string | null, diagnoses: readonly string[]): string {
  const by = checker === null ? "" : ` by ${checker}`;
  return `${kind}${by}${diagnoses.length > 0 ? `: ${diagnoses.join(", ")}` : ""}`;
}

/** The message for a stale entry of the baseline, such as "round-robin/mine". */
export function stalePhrase(entry: string): string {
  return `${entry} is in the baseline and no longer occurs: remove it there`;
}

export function isSurprise(result: Result): boolean {
  return !result.asExpected && result.verdict.kind !== "inconclusive";
}

export function isUndecided(result: Result): boolean {
  return !result.asExpected && result.verdict.kind === "inconclusive";
}

/** Milliseconds as "0.4 s", "31.2 s" or "2 min 05 s". */
export function seconds(ms: number): string {
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const whole = Math.round(ms / 1_000);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** A time within a run, with milliseconds. */
export function moment(at: number): string {
  return `${(at / 1_000).toFixed(3)} s`;
}

/** "38 as expected, 0 surprises, 0 inconclusive · 31.2 s · seed 7". */
export function totalsLine(report: RunReport): string {
  const surprises = report.results.filter(isSurprise).length;
  const parts = [
    `${report.results.filter((result) => result.asExpected).length} as expected`,
    `${surprises} ${surprises === 1 ? "surprise" : "surprises"}`,
    `${report.results.filter(isUndecided).length} inconclusive`,
    ...(report.notRun.length > 0 ? [`${report.notRun.length} not run`] : []),
    ...(report.stale.length > 0 ? [`${report.stale.length} stale in the baseline`] : []),
  ];
  return `${parts.join(", ")} · ${seconds(report.durationMs)} · seed ${report.seed}`;
}

/** The command that repeats the run, with the seed, even if the run chose it. */
export function reproduceCommand(report: RunReport): string {
  // A replay takes the seed of its record.
  const seed = / --seed[ =]|^threadproof replay /.test(report.command)
    ? ""
    : ` --seed ${report.seed}`;
  return `npx ${report.command}${seed}`;
}

/** "breaks one-history"; null: no ladder was judged, or no level broke. */
export function ladderPhrase(ladder: Ladder | null): string | null {
  if (ladder?.broken == null) return null;
  return `breaks ${ladder.broken.level}`;
}

/** For a table: "keeps linearizable", "keeps no-lost-turns, breaks one-history". */
export function ladderCell(ladder: Ladder | null): string {
  if (ladder === null) return "";
  const kept = ladder.kept.length === 0 ? [] : [`keeps ${ladder.kept.join(" and ")}`];
  const broken = ladder.broken === null ? [] : [`breaks ${ladder.broken.level}`];
  return [...kept, ...broken].join(", ");
}

/** "without the fault: violated, one replica: not seen again"; null: nothing was repeated. */
export function experimentsPhrase({ experiments }: Result): string | null {
  if (experiments.length === 0) return null;
  return experiments.map((it) => `${it.name}: ${experimentOutcome(it)}`).join(", ");
}

function experimentOutcome({ outcome, again }: ExperimentResult): string {
  if (outcome === "cut short") return "not over in time";
  return again ? "violated" : "not seen again";
}

/** Cases of one target that did not run for the same reason. */
export interface NotRunReason {
  readonly reason: string;
  /** "kill-mid-graph", "restart × forgets", or "boot-race (growth)" for a single checker. */
  readonly what: readonly string[];
}

export function notRunByTarget({ notRun }: RunReport): [string, NotRunReason[]][] {
  const targets = Map.groupBy(notRun, (skipped) => skipped.target);
  return [...targets].map(([target, all]) => {
    const reasons = Map.groupBy(all, (skipped) => skipped.reason);
    return [target, [...reasons].map(([reason, some]) => ({ reason, what: some.map(skippedOf) }))];
  });
}

function skippedOf({ scenario, variant, checker }: NotRun): string {
  return [
    scenario,
    ...(variant === null ? [] : [` × ${variant}`]),
    ...(checker === undefined ? [] : [` (${checker})`]),
  ].join("");
}
