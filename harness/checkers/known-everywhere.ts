import type { History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { andMore, finding, inWords, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, outcomeInWords } from "./turns.ts";

/**
 * Every replica knows the threads and jobs that another one has accepted: it does not answer that
 * they do not exist. Only undisturbed attempts are judged: what a replica loses when it dies is
 * another checker's question.
 */
export const knownEverywhere: Checker = { name: "known-everywhere", needs: [], judge };

/** A replica answered that something does not exist, and another one had accepted it. */
interface Denial {
  readonly attempt: Attempt;
  readonly because: string;
}

/** A service that knows the thread answers with these: "not now". */
const notNow = [409, 423, 425, 429, 503];

function judge(history: History): Verdict {
  const attempts = attemptsOf(history).filter(
    (attempt) =>
      attempt.begin.purpose === "workload" &&
      attempt.begin.sound &&
      !isDisturbed(history, attempt.begin.seq, attempt.end?.seq ?? Infinity),
  );
  if (attempts.length === 0) {
    return { kind: "inconclusive", because: "no turn of the workload was undisturbed by faults" };
  }
  const denials = attempts.flatMap(
    (attempt) => jobDenied(attempt) ?? threadDenied(attempt, attempts),
  );
  return verdictOf(findingOf(denials), { kind: "holds", checked: attempts.length });
}

/** Whether a fault was active or a replica ended; a held call disturbs no other turn. */
function isDisturbed(history: History, fromSeq: number, toSeq: number): boolean {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  const faults = entriesOf(history, "fault.begin").filter(({ stops }) => stops !== "call");
  return (
    faults.some(({ fault, seq }) => seq < toSeq && (ends.get(fault) ?? Infinity) > fromSeq) ||
    entriesOf(history, "replica.exit").some(({ seq }) => seq > fromSeq && seq < toSeq)
  );
}

function jobDenied(attempt: Attempt): Denial | null {
  const { begin, end } = attempt;
  const { deniedBy = [], replica } = end ?? {};
  const others = deniedBy.filter((name) => name !== replica);
  if (others.length === 0) return null;
  const because =
    `${inWords(others)} answered "no such job" for the job of turn ${begin.turn}, which ` +
    `${replica ?? "another replica"} had accepted`;
  return { attempt, because };
}

/** The attempt was refused, and another replica had acknowledged a turn on its thread before. */
function threadDenied(attempt: Attempt, attempts: readonly Attempt[]): Denial[] {
  const { begin, end } = attempt;
  if (end === null || end.outcome.kind !== "failed" || end.status === null) return [];
  if (notNow.includes(end.status)) return [];
  const known = attempts.find(
    (other) =>
      other.begin.thread === begin.thread &&
      other.end?.outcome.kind === "ok" &&
      other.end.seq < begin.seq &&
      other.end.replica !== end.replica,
  );
  if (known === undefined) return [];
  const because =
    `thread ${begin.thread}, on which ${known.end?.replica ?? "one replica"} had acknowledged ` +
    `turn ${known.begin.turn}, is not known to ${end.replica ?? "another"}: turn ${begin.turn} ` +
    `${outcomeInWords(attempt)}`;
  return [{ attempt, because }];
}

function findingOf(denials: readonly Denial[]): Finding[] {
  const [first] = denials;
  if (first === undefined) return [];
  const because = `${first.because}${andMore(denials, "turns")}`;
  const evidence = denials.flatMap(({ attempt }) => entriesIn(attempt));
  return [finding("unknown-elsewhere", { because, evidence })];
}
