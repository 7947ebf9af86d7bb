import type { EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { finding, inWords, verdictOf } from "./findings.ts";
import type { Life } from "./lives.ts";
import { exitInWords, livesOf } from "./lives.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, outcomeInWords, servedBy } from "./turns.ts";

/**
 * After SIGTERM a replica finishes the turns in flight, and ends within the promised time. If it
 * has no handler the signal ends it at once: that is fine as long as it cuts no turn.
 */
export const drains: Checker = { name: "drains", needs: ["terminate"], judge };

/** What followed one SIGTERM. */
interface Drain {
  readonly signal: EntryOf<"replica.signal">;
  readonly exit: EntryOf<"replica.exit"> | null;
  readonly deadlineMs: number;
  /** Turns that were in flight at the signal and not finished in time. */
  readonly cut: readonly Attempt[];
  readonly slow: boolean;
  /** The history ends, or the harness killed it, before its time was up: nothing to judge. */
  readonly open: boolean;
}

function judge(history: History): Verdict {
  const all = drainsOf(history);
  if (all.length === 0) return { kind: "inconclusive", because: "no replica was sent SIGTERM" };
  const drained = all.filter(({ open }) => !open);
  const cut = drained.filter((drain) => drain.cut.length > 0);
  const slow = drained.filter((drain) => drain.slow);
  const crashed = drained.filter((drain) => drain.cut.length === 0 && !drain.slow && ended(drain));
  const findings = [...noDrain(cut, crashed), ...slowExit(history, slow)];
  if (drained.length === all.length) {
    return verdictOf(findings, { kind: "holds", checked: drained.length });
  }
  const names = inWords(all.filter(({ open }) => open).map(({ signal }) => signal.replica));
  const because = `the drain of replica ${names} was not seen to its end`;
  return verdictOf(findings, { kind: "inconclusive", because });
}

/** Only those before the final phase: after it the run itself ends its replicas. */
function drainsOf(history: History): Drain[] {
  const final = entriesOf(history, "phase").find(({ phase }) => phase === "final");
  const endSeq = final?.seq ?? Infinity;
  const attempts = attemptsOf(history).filter(({ begin }) => begin.purpose !== "warm-up");
  return livesOf(history).flatMap((life) => {
    const signal = life.signals.find((one) => one.signal === "SIGTERM" && one.seq < endSeq);
    return signal === undefined ? [] : [drainOf(history, life, signal, attempts)];
  });
}

function drainOf(
  history: History,
  life: Life,
  signal: EntryOf<"replica.signal">,
  attempts: readonly Attempt[],
): Drain {
  const deadlineMs = signal.at + history.header.promises.drainMs;
  const exit = life.exit !== null && life.exit.seq > signal.seq ? life.exit : null;
  const lastMs = history.entries.at(-1)?.at ?? 0;
  const slow = (exit?.at ?? lastMs) > deadlineMs;
  const killed = life.signals.some(
    (one) => one.signal === "SIGKILL" && one.seq > signal.seq && one.at <= deadlineMs,
  );
  const cut = attempts.filter((attempt) => {
    const { begin, end } = attempt;
    const replica = servedBy(attempt);
    const inFlight = begin.seq < signal.seq && (end?.seq ?? Infinity) > signal.seq;
    // After the deadline the turn is lost to the slow exit, which is a diagnosis already.
    const inTime = !slow || (end !== null && end.at <= deadlineMs);
    const unknown = end === null || end.outcome.kind === "unknown";
    return (replica === null || replica === life.replica) && inFlight && inTime && unknown;
  });
  return { signal, exit, deadlineMs, cut, slow, open: killed || (exit === null && !slow) };
}

/** Ended otherwise than after a drain or by the signal itself (143: a shell reports SIGTERM). */
function ended({ exit }: Drain): boolean {
  if (exit === null) return false;
  if (exit.signal !== null) return exit.signal !== "SIGTERM";
  return exit.code !== 0 && exit.code !== 143 && exit.code !== null;
}

function noDrain(cut: readonly Drain[], crashed: readonly Drain[]): Finding[] {
  const drains = [...cut, ...crashed];
  if (drains.length === 0) return [];
  const turns = cut.flatMap((drain) => drain.cut.map((attempt) => inShort(attempt, drain)));
  const crashes = crashed.map(
    ({ signal, exit }) =>
      `replica ${signal.replica} ended with ${exit === null ? "nothing" : exitInWords(exit)}`,
  );
  const because = `after SIGTERM ${[...turns.slice(0, 6), ...crashes].join(", ")}`;
  const evidence = drains.flatMap(({ signal, exit, cut: attempts }) => [
    signal,
    ...attempts.flatMap(entriesIn),
    ...(exit === null ? [] : [exit]),
  ]);
  return [finding("no-drain", { because, evidence })];
}

function slowExit(history: History, slow: readonly Drain[]): Finding[] {
  const { drainMs } = history.header.promises;
  if (slow.length === 0) return [];
  const each = slow.map(({ signal, exit }) => {
    const after =
      exit === null ? "did not end" : `ended after ${Math.round(exit.at - signal.at)} ms`;
    return `replica ${signal.replica} ${after}`;
  });
  const because = `${each.join(", ")}, where ${drainMs} ms from SIGTERM are promised`;
  const evidence = slow.flatMap(({ signal, exit }) => (exit === null ? [signal] : [signal, exit]));
  return [finding("slow-exit", { because, evidence })];
}

function inShort(attempt: Attempt, { signal, exit }: Drain): string {
  const end = exit === null ? "" : `, which ended with ${exitInWords(exit)}`;
  const where = servedBy(attempt) ?? `none, with ${signal.replica} stopping`;
  return `turn ${attempt.begin.turn} was cut on ${where}${end} (${outcomeInWords(attempt)})`;
}
