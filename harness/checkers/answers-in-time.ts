import type { History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding, Outage } from "./findings.ts";
import { andMore, finding, isWithin, outagesIn, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, outcomeInWords, servedBy } from "./turns.ts";

/**
 * During an outage every attempt of the workload ends within the promised time, with an answer or
 * an error. Only the time within the outage counts, without the time in which the harness held a
 * call: everything else also depends on how busy the machine is.
 */
export const answersInTime: Checker = { name: "answers-in-time", needs: [], judge };

/** How long an attempt waited in an outage. */
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
    const because = "no turn was under way during an outage of the database or the model";
    return { kind: "inconclusive", because };
  }
  const late = waits.filter(({ ms }) => ms > history.header.promises.answerMs);
  return verdictOf(hungTurns(history, late), { kind: "holds", checked: waits.length });
}

function waitedMs(history: History, { begin, end }: Attempt, outage: Outage): number {
  const untilSeq = Math.min(end?.seq ?? Infinity, outage.until);
  const holds = new Set(
    entriesOf(history, "fault.begin").flatMap(({ fault, stops }) =>
      stops === "call" ? [fault] : [],
    ),
  );
  const released = entriesOf(history, "fault.end")
    .filter(({ fault, seq }) => holds.has(fault) && seq > begin.seq && seq < untilSeq)
    .map(({ at }) => at);
  const last = history.entries.findLast(({ seq }) => seq <= untilSeq) ?? begin;
  return last.at - Math.max(begin.at, outage.begin.at, ...released);
}

function hungTurns(history: History, late: readonly Wait[]): Finding[] {
  const first = late[0];
  if (first === undefined) return [];
  const { attempt, outage, ms } = first;
  const because =
    `turn ${attempt.begin.turn} on ${servedBy(attempt) ?? "any replica"} waited ` +
    `${Math.round(ms)} ms (${outage.name}), where an answer or an error within ` +
    `${history.header.promises.answerMs} ms is promised; in the end: ` +
    `${outcomeInWords(attempt)}${andMore(late)}`;
  const evidence = late.flatMap((one) => entriesIn(one.attempt));
  return [finding("hung-turn", { because, evidence, remedy: outage.stops, faults: [outage.name] })];
}
