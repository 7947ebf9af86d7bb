import { entriesOf, type History } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import { errorOf, namedIn } from "./error-words.ts";
import { finding, type Finding, verdictOf } from "./findings.ts";
import { type Attempt, attemptsOf, entriesIn, outcomeInWords, servedBy } from "./turns.ts";
import { undisturbedIn } from "./undisturbed.ts";

/**
 * Every turn that nothing disturbs is answered, or refused. An error of the server, an empty stream
 * or silence is neither. The engine's last turns are another checker's question.
 */
export const answersUndisturbed: Checker = { name: "answers-undisturbed", needs: [], judge };

function judge(history: History): Verdict {
  const all = attemptsOf(history).filter(({ begin }) => begin.sound);
  const judged = undisturbedIn(history).filter(
    ({ begin }) => begin.purpose === "workload" || begin.purpose === "warm-up",
  );
  const refusedByModel = turnsWithoutModel(history);
  const unanswered = judged.filter(
    ({ begin, end }) =>
      end?.outcome.kind === "unknown" && end.status !== 429 && !refusedByModel.has(begin.turn),
  );
  const holds: Verdict = { kind: "holds", checked: judged.length - unanswered.length };
  if (all.some(({ end }) => end?.outcome.kind === "ok")) {
    return verdictOf(findingsOf(unanswered, judged, all), holds);
  }
  // If no turn at all is answered, the configuration may be what is wrong: only an error that
  // names its own cause shows more.
  const named = unanswered.filter((it) => namedIn(errorOf(it)) !== null);
  const [first] = unanswered;
  if (first === undefined) return holds;
  const because = `no turn was answered, though nothing disturbed the service: ${inShort(first)}`;
  return verdictOf(findingsOf(named, judged, all), { kind: "inconclusive", because });
}

/** Turns that the model refused to answer, for which another checker finds the reason. */
function turnsWithoutModel(history: History): Set<string | null> {
  const turns = new Map(entriesOf(history, "model.call").map(({ call, turn }) => [call, turn]));
  const refused = entriesOf(history, "model.answer").filter(({ status }) => status >= 400);
  return new Set(refused.flatMap(({ call }) => turns.get(call) ?? []));
}

type Kind = "not-initialised" | "prepared-statement-lost" | "pool-starvation" | "unanswered-turn";

function findingsOf(
  unanswered: readonly Attempt[],
  judged: readonly Attempt[],
  all: readonly Attempt[],
): Finding[] {
  const byKind = Map.groupBy(unanswered, (attempt) => kindOf(attempt, all));
  return [...byKind].flatMap(([kind, attempts]) => {
    const [first] = attempts;
    if (first === undefined) return [];
    const because =
      `${attempts.length} of ${judged.length} attempts that nothing disturbed were not answered, ` +
      `first ${inShort(first)}${kind === "pool-starvation" ? crowdInWords(first, all) : ""}`;
    return [finding(kind, { because, evidence: attempts.flatMap(entriesIn) })];
  });
}

function kindOf(attempt: Attempt, all: readonly Attempt[]): Kind {
  const named = namedIn(errorOf(attempt));
  const isAnswered = all.some(({ end }) => end?.outcome.kind === "ok");
  switch (named) {
    case "not-initialised":
      return isAnswered ? "unanswered-turn" : named;
    case "pool-starvation":
      return crowdOf(attempt, all).length > 1 && isAnswered ? named : "unanswered-turn";
    case "prepared-statement-lost":
      return named;
    case null:
      return "unanswered-turn";
  }
}

/** The attempts on other threads that were under way with it. */
function crowdOf({ begin, end }: Attempt, all: readonly Attempt[]): Attempt[] {
  return all.filter(
    (other) =>
      other.begin.thread !== begin.thread &&
      other.begin.seq < (end?.seq ?? Infinity) &&
      begin.seq < (other.end?.seq ?? Infinity),
  );
}

function crowdInWords(attempt: Attempt, all: readonly Attempt[]): string {
  return `, while ${crowdOf(attempt, all).length} turns on other threads were under way`;
}

/** "turn tpq-00000004 on a (unknown: 500; log: error: …)" */
function inShort(attempt: Attempt): string {
  const log = attempt.end?.log === undefined ? "" : `; log: ${attempt.end.log}`;
  const where = servedBy(attempt) ?? "any replica";
  return `turn ${attempt.begin.turn} on ${where} (${outcomeInWords(attempt)}${log})`;
}
