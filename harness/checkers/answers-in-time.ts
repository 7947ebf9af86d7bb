import type { EntryOf, History } from "../history.ts";
import { entriesOf } from "../history.ts";
import type { Checker, Verdict } from "../verdict.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, outcomeInWords, servedBy } from "./turns.ts";

/**
 * Every attempt of the workload ends within the promised time, with an answer or an error, whatever
 * is wrong with the database. While a call is kept open by us no time is counted.
 */
export const answersInTime: Checker = { name: "answers-in-time", needs: [], judge };

/** An attempt, and how long it took. */
interface Timed {
  readonly attempt: Attempt;
  readonly ms: number;
}

function judge(history: History): Verdict {
  const attempts = attemptsOf(history).filter(({ begin }) => begin.purpose === "workload");
  if (attempts.length === 0) return { kind: "inconclusive", because: "no turn was said" };
  const holds = entriesOf(history, "fault.end").filter(({ name }) => name.startsWith("hold "));
  const lastMs = history.entries.at(-1)?.at ?? 0;
  const { answerMs } = history.header.promises;
  const late = attempts
    .map((attempt) => timed(attempt, holds, lastMs))
    .filter(({ ms }) => ms > answerMs);
  return verdictOf(hungTurns(history, late), { kind: "holds", checked: attempts.length });
}

function timed(attempt: Attempt, holds: readonly EntryOf<"fault.end">[], lastMs: number): Timed {
  const { begin, end } = attempt;
  const endSeq = end?.seq ?? Infinity;
  const released = holds.filter(({ seq }) => seq > begin.seq && seq < endSeq).map(({ at }) => at);
  return { attempt, ms: (end?.at ?? lastMs) - Math.max(begin.at, ...released) };
}

function hungTurns(history: History, late: readonly Timed[]): Finding[] {
  const first = late[0];
  if (first === undefined) return [];
  const { attempt, ms } = first;
  const { begin, end } = attempt;
  const faults = faultsBetween(history, begin.seq, end?.seq ?? Infinity);
  const more = late.length === 1 ? "" : ` (and ${late.length - 1} more)`;
  return [
    {
      diagnosis: {
        kind: "hung-turn",
        because:
          `turn ${begin.turn} on ${servedBy(attempt) ?? "any replica"} took ${Math.round(ms)} ms, ` +
          `where an answer or an error within ${history.header.promises.answerMs} ms is ` +
          `promised: ${outcomeInWords(attempt)}${more}`,
        remedy:
          "Bound every wait for the database: connectionTimeoutMillis, statement_timeout and" +
          " query_timeout of the pool (pg has none by default, and the server's own time-out does" +
          " not help on a silent wire), and answer 503 when one is over",
        ...(faults.length === 0 ? {} : { faults }),
      },
      evidence: late.flatMap((one) =>
        one.attempt.end === null ? [one.attempt.begin] : [one.attempt.begin, one.attempt.end],
      ),
    },
  ];
}
