import { entriesOf, type History } from "../history/history.ts";
import { type Life, livesOf } from "./lives.ts";
import { type Attempt, attemptsOf } from "./turns.ts";

/** A time in which something disturbed the service, in milliseconds since the run began. */
interface Disturbance {
  readonly fromMs: number;
  /** Infinity: it did not end. */
  readonly untilMs: number;
  /** How long the service may take to recover from it. */
  readonly recoveryMs: number;
}

/**
 * The attempts with which nothing interfered: no fault was active and no call was held, every
 * replica was up, no other attempt on the thread was under way, and the thread has been answered
 * since something disturbed it. In the promised time for recovery an attempt may fail, but not
 * hang. Whatever is wrong with these is the service's own doing.
 */
export function undisturbedIn(history: History): Attempt[] {
  const disturbances = disturbancesIn(history);
  const patienceMs = Math.max(history.header.promises.answerMs, history.header.promises.recoveryMs);
  const byThread = Map.groupBy(attemptsOf(history), ({ begin }) => begin.thread);
  return [...byThread.values()]
    .flatMap((attempts) =>
      calmOf(attempts, (each) => disturbances.some((it) => meets(each, it, patienceMs))),
    )
    .sort((one, other) => one.begin.seq - other.begin.seq);
}

function calmOf(attempts: readonly Attempt[], meetsAny: (attempt: Attempt) => boolean): Attempt[] {
  /** The turn that a disturbance, or an open approval, may have left unfinished. */
  let unfinished: string | null = null;
  const calm: Attempt[] = [];
  for (const attempt of attempts) {
    const { begin, end } = attempt;
    const isDisturbed =
      meetsAny(attempt) || attempts.some((other) => other !== attempt && overlap(attempt, other));
    const kind = end?.outcome.kind;
    const waits = unfinished !== null && unfinished !== begin.turn;
    if (!isDisturbed && (unfinished === null || (!waits && isResumed(attempts, attempt)))) {
      if (begin.sound && end !== null) calm.push(attempt);
    }
    if (kind === "ok") unfinished = null;
    else if (kind === "interrupted") unfinished = begin.turn;
    else if (isDisturbed && kind !== "failed") unfinished = begin.turn;
  }
  return calm;
}

/** The attempt answers an approval. */
function isResumed(attempts: readonly Attempt[], { begin }: Attempt): boolean {
  const before = attempts.findLast(
    (other) => other.begin.turn === begin.turn && other.begin.seq < begin.seq,
  );
  return before?.end?.outcome.kind === "interrupted";
}

function disturbancesIn(history: History): Disturbance[] {
  const { recoveryMs } = history.header.promises;
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, at }) => [fault, at]));
  const faults = entriesOf(history, "fault.begin").map(({ fault, stops, at: fromMs }) => {
    // A held call is only a slow one: nothing has to recover from it.
    const graceMs = stops === "call" ? 0 : recoveryMs;
    return { fromMs, untilMs: ends.get(fault) ?? Infinity, recoveryMs: graceMs };
  });
  const lives = livesOf(history);
  const downs = lives.flatMap((life) => {
    const next = lives.find(
      (other) => other.replica === life.replica && other.ordinal === life.ordinal + 1,
    );
    const fromMs = leavesAt(life, next);
    if (fromMs === Infinity) return [];
    return [{ fromMs, untilMs: next?.ready?.at ?? Infinity, recoveryMs }];
  });
  return [...faults, ...downs];
}

/** When a replica begins to be away: a signal, its end, or its next start. */
function leavesAt({ signals, exit }: Life, next: Life | undefined): number {
  const ending = signals.filter(({ signal }) => signal !== "SIGSTOP" && signal !== "SIGCONT");
  const times = [...ending.map(({ at }) => at), exit?.at, next?.start?.at];
  return Math.min(...times.map((at) => at ?? Infinity));
}

function meets(
  { begin, end }: Attempt,
  { fromMs, untilMs, recoveryMs }: Disturbance,
  patienceMs: number,
): boolean {
  const endMs = end?.at ?? Infinity;
  if (begin.at <= untilMs) return endMs >= fromMs;
  return begin.at <= untilMs + recoveryMs && endMs - begin.at < patienceMs;
}

function overlap(one: Attempt, other: Attempt): boolean {
  return (
    one.begin.seq < (other.end?.seq ?? Infinity) && other.begin.seq < (one.end?.seq ?? Infinity)
  );
}
