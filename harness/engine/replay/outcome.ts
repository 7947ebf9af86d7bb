import type { Seen } from "../../checkers/expectation.ts";
import type { History } from "../../history/history.ts";
import type { Result } from "../../report/result.ts";
import { styleFor, wrap } from "../../report/style.ts";
import { actInWords, scheduleOf } from "./schedule.ts";

/** The comparison of a replay with the recorded run, in addition to the replay's report. */
export interface ReplayOutcome {
  readonly schemaVersion: 1;
  readonly of: {
    readonly run: string;
    readonly startedAt: string;
    readonly seed: number;
    readonly acts: number;
  };
  /** The verdict on the recorded run; null: the run was not completed. */
  readonly recorded: Seen | null;
  readonly replayed: Seen;
  readonly sameVerdict: boolean;
  /** Why the replay could not follow the schedule; null: it did. */
  readonly left: string | null;
  /** Acts with another result than in the record, such as `unknown` then and `ok` now. */
  readonly otherwise: readonly {
    readonly act: string;
    readonly recorded: string;
    readonly replayed: string;
  }[];
  readonly result: Result;
}

/** Compares a run with its replay. */
export function outcomeOf(
  record: History,
  recorded: Seen | null,
  { result, history }: { readonly result: Result; readonly history: History },
): ReplayOutcome {
  const { run, startedAt, seed } = record.header;
  const { acts } = scheduleOf(record);
  const replayed: Seen = {
    kind: result.verdict.kind,
    checker: result.checker,
    diagnoses: result.diagnoses.map(({ kind }) => kind),
  };
  const follows = result.checkers.find(({ checker }) => checker === "follows-schedule");
  const again = new Map(scheduleOf(history).acts.map((it) => [it.act, it.end?.answer]));
  return {
    schemaVersion: 1,
    of: { run, startedAt, seed, acts: acts.length },
    recorded,
    replayed,
    sameVerdict: recorded !== null && isSame(recorded, replayed),
    left: follows?.kind === "inconclusive" ? follows.because : null,
    otherwise: acts.flatMap((act) => {
      const answer = again.get(act.act);
      if (act.end === null || answer === undefined || act.end.answer === answer) return [];
      return [
        {
          act: actInWords(act),
          recorded: act.end.answer ?? "no answer",
          replayed: answer ?? "no answer",
        },
      ];
    }),
    result,
  };
}

function isSame(one: Seen, other: Seen): boolean {
  const causes = new Set(one.diagnoses).symmetricDifference(new Set(other.diagnoses));
  return one.kind === other.kind && one.checker === other.checker && causes.size === 0;
}

/**
 * 0: as expected, under the same schedule · 1: not as expected · 2: the replay could not follow
 * the schedule, or the verdict is inconclusive.
 */
export function exitCodeOf({ replayed, left, result }: ReplayOutcome): 0 | 1 | 2 {
  if (replayed.kind === "violated" && !result.asExpected) return 1;
  if (left !== null || replayed.kind === "inconclusive") return 2;
  return result.asExpected ? 0 : 1;
}

/** The comparison for a terminal: then and now, one below the other. */
export function outcomeText(
  outcome: ReplayOutcome,
  { columns, color }: { columns: number; color: boolean },
): string {
  const style = styleFor(color);
  const { of, recorded, replayed, sameVerdict, left, otherwise } = outcome;
  const width = Math.min(columns, 100) - 10;
  const lines = [
    `── Replay of ${of.run}, seed ${of.seed}, recorded ${of.startedAt}`,
    "",
    ` then    ${recorded === null ? "the run was not completed" : seenInWords(recorded)}`,
    ` now     ${seenInWords(replayed)}`,
    ` verdict ${sameVerdict ? "the same" : style("bold", "different")}`,
    ...(left === null
      ? [` acts    all ${of.acts} as recorded`]
      : wrap(`not followed: ${left}`, width).map(
          (it, i) => ` ${i === 0 ? "acts   " : "       "} ${it}`,
        )),
  ];
  for (const it of otherwise.slice(0, maxShown)) {
    lines.push(`         ${it.act}: ${it.recorded} then, ${it.replayed} now`);
  }
  if (otherwise.length > maxShown) {
    lines.push(`         and ${otherwise.length - maxShown} more with a different result`);
  }
  return `${lines.join("\n")}\n`;
}

const maxShown = 8;

function seenInWords({ kind, checker, diagnoses }: Seen): string {
  if (kind === "holds") return kind;
  return [kind, checker, ...(diagnoses.length === 0 ? [] : [diagnoses.join(", ")])].join(" · ");
}
