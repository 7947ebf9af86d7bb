import type { History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding, Outage } from "./findings.ts";
import { isWithin, outagesIn, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, outcomeInWords, servedBy } from "./turns.ts";

/**
 * While nothing can be saved, or the model gives no reply, every attempt of the workload ends
 * within the promised time, with an answer or an error. Only its time within such a fault is
 * counted, and none in which a call was kept open by us: how long a turn takes otherwise is also a
 * matter of how busy the machine is.
 */
export const answersInTime: Checker = { name: "answers-in-time", needs: [], judge };

/** An attempt, and how long it waited in which outage. */
interface Wait {
  readonly attempt: Attempt;
  readonly outage: Outage;
  readonly ms: number;
}

function judge(history: History): Verdict {
  const attempts = attemptsOf(history).filter(({ begin }) => begin.purpose === "workload");
  const waits = outagesIn(history, "saves", "replies").flatMap((outage) =>
    attempts
      .filter((attempt) => isWithin(attempt, outage))
      .map((attempt) => ({ attempt, outage, ms: waitedMs(history, attempt, outage) })),
  );
  if (waits.length === 0) {
    const because = "no turn was under way while nothing could be saved, or replied";
    return { kind: "inconclusive", because };
  }
  const late = waits.filter(({ ms }) => ms > history.header.promises.answerMs);
  return verdictOf(hungTurns(history, late), { kind: "holds", checked: waits.length });
}

const remedies = {
  saves:
    "Bound every wait for the database: connectionTimeoutMillis, statement_timeout and" +
    " query_timeout of the pool (pg has none by default, and the server's own time-out does" +
    " not help on a silent wire), and answer 503 when one is over",
  replies:
    "Bound every wait for the model: a time-out around the whole call, as an AbortSignal (that of" +
    " the OpenAI client is over when a stream has begun, and is ten minutes by default), and few" +
    " retries (LangChain's default is six, with pauses that double), and answer 502 when it is over",
} as const;

function waitedMs(history: History, { begin, end }: Attempt, outage: Outage): number {
  const untilSeq = Math.min(end?.seq ?? Infinity, outage.until);
  const released = entriesOf(history, "fault.end")
    .filter(({ name, seq }) => name.startsWith("hold ") && seq > begin.seq && seq < untilSeq)
    .map(({ at }) => at);
  const last = history.entries.findLast(({ seq }) => seq <= untilSeq) ?? begin;
  return last.at - Math.max(begin.at, outage.begin.at, ...released);
}

function hungTurns(history: History, late: readonly Wait[]): Finding[] {
  const first = late[0];
  if (first === undefined) return [];
  const { attempt, outage, ms } = first;
  const { begin } = attempt;
  const more = late.length === 1 ? "" : ` (and ${late.length - 1} more)`;
  return [
    {
      diagnosis: {
        kind: "hung-turn",
        because:
          `turn ${begin.turn} on ${servedBy(attempt) ?? "any replica"} waited ` +
          `${Math.round(ms)} ms (${outage.name}), where an answer or an error within ` +
          `${history.header.promises.answerMs} ms is promised; in the end: ` +
          `${outcomeInWords(attempt)}${more}`,
        remedy: remedies[outage.stops],
        faults: [outage.name],
      },
      evidence: late.flatMap((one) =>
        one.attempt.end === null ? [one.attempt.begin] : [one.attempt.begin, one.attempt.end],
      ),
    },
  ];
}
