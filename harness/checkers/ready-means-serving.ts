import type { EntryOf, History } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import { errorOf, namedIn } from "./error-words.ts";
import type { Finding } from "./findings.ts";
import { finding, inWords, verdictOf } from "./findings.ts";
import type { Life } from "./lives.ts";
import { livesOf } from "./lives.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, outcomeInWords, servedBy } from "./turns.ts";

/**
 * A replica that reports ready answers its first turn, and one that is not ready gives a reason. If
 * the tables are missing the first turn fails with 42P01: only a response or a log that says so
 * shows that this is the cause.
 */
export const readyMeansServing: Checker = { name: "ready-means-serving", needs: ["boot"], judge };

function judge(history: History): Verdict {
  const lives = livesOf(history);
  const attempts = attemptsOf(history).filter(
    ({ begin }) => begin.sound && begin.purpose === "workload",
  );
  const firsts = lives.flatMap((life) => firstTurnOf(life, attempts) ?? []);
  const broken = firsts.filter(({ first }) => !answered(first));
  const refused = lives.flatMap(({ ready, unready }) =>
    ready === null && unready !== null ? [unready] : [],
  );
  const silent = refused.filter(({ why }) => why.trim() === "");
  const findings = [...unanswered(broken), ...silentRefusal(silent)];
  const checked = firsts.length + refused.length;
  return verdictOf(
    findings,
    checked > 0
      ? { kind: "holds", checked }
      : {
          kind: "inconclusive",
          because: "no ready replica was asked for a turn, and none refused to become ready",
        },
  );
}

interface FirstTurn {
  readonly life: Life;
  readonly first: Attempt;
}

/**
 * The first attempt on a replica after it became ready; null if the harness stopped the replica
 * during it. A replica that dies of the turn by itself counts.
 */
function firstTurnOf(life: Life, attempts: readonly Attempt[]): FirstTurn | null {
  const { ready, exit, signals, until } = life;
  if (ready === null) return null;
  const stops = [...signals, ...(exit?.asked === true ? [exit] : [])].map(({ seq }) => seq);
  const stopped = Math.min(until, ...stops.filter((seq) => seq > ready.seq));
  const first = attempts.find(
    (attempt) =>
      attempt.begin.seq > ready.seq &&
      attempt.begin.seq < until &&
      servedBy(attempt) === life.replica,
  );
  if (first === undefined || (first.end?.seq ?? Infinity) > stopped) return null;
  return { life, first };
}

function answered({ end }: Attempt): boolean {
  return end?.outcome.kind === "ok" || end?.outcome.kind === "interrupted";
}

function unanswered(broken: readonly FirstTurn[]): Finding[] {
  const byKind = Map.groupBy(broken, ({ first }) => {
    const named = namedIn(errorOf(first));
    return named === null || named === "pool-starvation" ? "unanswered-turn" : named;
  });
  return [...byKind].flatMap(([kind, turns]) => {
    const [example] = turns;
    if (example === undefined) return [];
    const log = example.first.end?.log === undefined ? "" : `; log: ${example.first.end.log}`;
    const because =
      `replica ${inWords(turns.map(({ life }) => life.replica))} said ready, and the first turn ` +
      `was not answered: ${outcomeInWords(example.first)}${log}`;
    const evidence = turns.flatMap(({ life: { ready }, first }) =>
      ready === null ? entriesIn(first) : [ready, ...entriesIn(first)],
    );
    return [finding(kind, { because, evidence })];
  });
}

function silentRefusal(silent: readonly EntryOf<"replica.unready">[]): Finding[] {
  if (silent.length === 0) return [];
  const names = inWords(silent.map(({ replica }) => replica));
  const because = `replica ${names} was not ready and gave no reason`;
  return [finding("silent-refusal", { because, evidence: silent })];
}
