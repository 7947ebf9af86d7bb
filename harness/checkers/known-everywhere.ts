import type { EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { inWords, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, outcomeInWords } from "./turns.ts";

/**
 * What one replica has accepted every other one knows: it does not say of a thread, or of a job,
 * that there is none. Only what happened while nothing was wrong is judged: what a replica that
 * died had for itself is another question.
 */
export const knownEverywhere: Checker = { name: "known-everywhere", needs: [], judge };

/** A replica that denies what another has accepted. */
interface Denial {
  readonly attempt: Attempt;
  readonly because: string;
}

/** By these a service that knows the thread very well says "not now". */
const notNow = [409, 423, 425, 429, 503];

function judge(history: History): Verdict {
  const attempts = attemptsOf(history).filter(
    (attempt) =>
      attempt.begin.purpose === "workload" &&
      attempt.begin.sound &&
      !isDisturbed(history, attempt.begin.seq, attempt.end?.seq ?? Infinity),
  );
  if (attempts.length === 0) {
    return { kind: "inconclusive", because: "no turn was said while nothing was wrong" };
  }
  const denials = attempts.flatMap(
    (attempt) => jobDenied(attempt) ?? threadDenied(attempt, attempts),
  );
  return verdictOf(findingOf(denials), { kind: "holds", checked: attempts.length });
}

/** Whether a fault was held, or a replica ended; a call that is kept open disturbs nobody else. */
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
  const others = deniedBy.filter((it) => it !== replica);
  if (others.length === 0) return null;
  const because =
    `the job of turn ${begin.turn}, which ${replica ?? "one replica"} had accepted, is not known ` +
    `to ${inWords(others)}: who asked there how it is was told that there is none`;
  return { attempt, because };
}

/** Its thread had been acknowledged before, by another replica. */
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
  const more = denials.length === 1 ? "" : ` (and ${denials.length - 1} more turns)`;
  const evidence = denials.flatMap(
    ({ attempt: { begin, end } }): (EntryOf<"attempt.begin"> | EntryOf<"attempt.end">)[] =>
      end === null ? [begin] : [begin, end],
  );
  return [
    {
      diagnosis: {
        kind: "unknown-elsewhere",
        because: `${first.because}${more}`,
        remedy:
          "Keep threads, sessions, and jobs with their queue in a store that all replicas use, and" +
          " not in the process that was asked: the next request may reach any of them",
      },
      evidence,
    },
  ];
}
