import { entriesOf, type History } from "../history/history.ts";
import type { Promises } from "../history/promises.ts";
import type { Checker } from "./verdict.ts";
import { andMore, finding, type Finding, verdictOf } from "./findings.ts";
import { livesOf } from "./lives.ts";
import { type Attempt, entriesIn, outcomeInWords, servedBy, type Turn, turnsOf } from "./turns.ts";

/**
 * A message to a busy thread is handled as `promises.concurrency` says. A thread is busy while a
 * turn whose model call has begun is not answered. Without a promise there is nothing to judge.
 */
export const keepsBusyPromise: Checker = { name: "keeps-busy-promise", needs: ["model"], judge };

/** An attempt that came to a thread while another turn was under way there. */
interface Meeting {
  readonly running: Turn;
  /** The attempt of the running turn. */
  readonly first: Attempt;
  readonly second: Attempt;
  readonly coming: Turn;
}

function judge(history: History) {
  const { concurrency } = history.header.promises;
  if (concurrency === "none") return { kind: "holds", checked: 0 } as const;
  const all = meetingsIn(history);
  const meetings = all.filter(calmIn(history));
  if (meetings.length < all.length && meetings.length === 0) {
    const because = "messages came to a busy thread only while a fault was active";
    return { kind: "inconclusive", because } as const;
  }
  const answerSeq = new Map(entriesOf(history, "model.answer").map(({ call, seq }) => [call, seq]));
  const broken = meetings.flatMap((meeting) => {
    const why = breaks[concurrency](meeting, (call) => answerSeq.get(call) ?? Infinity);
    return why === null ? [] : [{ meeting, why }];
  });
  return verdictOf(promiseBroken(concurrency, broken), { kind: "holds", checked: meetings.length });
}

/** When the answer to a model call came, by `seq`. */
type AnsweredAt = (call: string) => number;

/** How a meeting breaks the promise, as the end of a sentence; null: it keeps it. */
const breaks: Readonly<
  Record<
    Exclude<Promises["concurrency"], "none">,
    (meeting: Meeting, answeredAt: AnsweredAt) => string | null
  >
> = {
  reject(meeting, answeredAt) {
    if (ranAtOnce(meeting, answeredAt)) return "ran beside it";
    if (isError(meeting.second)) return inWords(meeting.second);
    return isAnswered(meeting.second) && outlasted(meeting) ? "was answered after it" : null;
  },
  enqueue(meeting, answeredAt) {
    if (ranAtOnce(meeting, answeredAt)) return "ran beside it";
    return isError(meeting.second) || isRefused(meeting.second) ? inWords(meeting.second) : null;
  },
  interrupt(meeting) {
    if (isError(meeting.second) || isRefused(meeting.second)) return inWords(meeting.second);
    return isAnswered(meeting.first) && outlasted(meeting) ? "did not interrupt it" : null;
  },
};

function meetingsIn(history: History): Meeting[] {
  const byThread = Map.groupBy(
    turnsOf(history).filter(({ purpose }) => purpose === "workload"),
    ({ thread }) => thread,
  );
  return [...byThread.values()].flatMap((turns) =>
    turns.flatMap((running) =>
      turns.flatMap((coming) =>
        running === coming
          ? []
          : running.attempts.flatMap((first) =>
              coming.attempts.flatMap((second): Meeting[] => {
                const meeting = { running, first, coming, second };
                return isMeeting(meeting) ? [meeting] : [];
              }),
            ),
      ),
    ),
  );
}

function isMeeting({ running, first, second }: Meeting): boolean {
  const seq = second.begin.seq;
  const begun = running.modelCalls.some(
    (call) => first.begin.seq < call.seq && call.seq < seq && call.turn === running.name,
  );
  return begun && second.begin.sound && first.end !== null && seq < first.end.seq;
}

/** No other fault was active, and no replica ended or started. A held call is no fault. */
function calmIn(history: History): (meeting: Meeting) => boolean {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  const faults = entriesOf(history, "fault.begin").filter(({ stops }) => stops !== "call");
  const changes = livesOf(history).flatMap(({ from, signals, exit }) => [
    from,
    ...signals.map(({ seq }) => seq),
    ...(exit === null ? [] : [exit.seq]),
  ]);
  return ({ first, second }) => {
    const until = Math.max(first.end?.seq ?? Infinity, second.end?.seq ?? Infinity);
    return (
      !changes.some((seq) => first.begin.seq < seq && seq < until) &&
      !faults.some(
        ({ fault, seq }) => seq < until && (ends.get(fault) ?? Infinity) > first.begin.seq,
      )
    );
  };
}

/** The second turn called the model while a call of the first had no answer. */
function ranAtOnce({ running, first, coming, second }: Meeting, answeredAt: AnsweredAt): boolean {
  return coming.modelCalls.some(
    (call) =>
      call.seq > second.begin.seq &&
      running.modelCalls.some(
        (before) =>
          before.seq > first.begin.seq &&
          before.seq < call.seq &&
          call.seq < Math.min(answeredAt(before.call), first.end?.seq ?? Infinity),
      ),
  );
}

/** A request that takes longer than this to arrive was not sent to an idle machine. */
const arrivalMs = 500;

/** The first turn went on for so long that the second must have arrived. */
function outlasted({ first, second }: Meeting): boolean {
  return (first.end?.at ?? Infinity) > second.begin.at + arrivalMs;
}

function isAnswered({ end }: Attempt): boolean {
  return end?.outcome.kind === "ok";
}

/** "Not now, too many" is an answer to the client's speed, and not to the busy thread. */
function isRefused({ end }: Attempt): boolean {
  const isOverload = end?.status === 429 || end?.status === 503;
  return end?.outcome.kind === "failed" && end.status !== null && !isOverload;
}

function isError({ end }: Attempt): boolean {
  return end?.outcome.kind === "unknown" && (end.status ?? 0) >= 500;
}

function inWords(attempt: Attempt): string {
  return `ended with ${outcomeInWords(attempt)}`;
}

interface Broken {
  readonly meeting: Meeting;
  readonly why: string;
}

function promiseBroken(promised: string, broken: readonly Broken[]): Finding[] {
  const [first] = broken;
  if (first === undefined) return [];
  const { running, coming, second } = first.meeting;
  const because =
    `promises.concurrency is "${promised}", and turn ${coming.name} on ` +
    `${servedBy(second) ?? "any replica"}, which came while turn ${running.name} was under way, ` +
    `${first.why}${andMore(broken, "messages")}`;
  const evidence = broken.flatMap(({ meeting }) => [
    ...entriesIn(meeting.first),
    ...entriesIn(meeting.second),
  ]);
  return [finding("busy-promise-broken", { because, evidence })];
}
