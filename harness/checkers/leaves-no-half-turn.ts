import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, inWords, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf } from "./turns.ts";

/**
 * A turn whose client has gone is complete in its thread, or it is not there and has done nothing.
 * What counts is the last read before anybody speaks again: a service that mends a half turn with
 * the next message has shown it to everybody who read the thread until then.
 */
export const leavesNoHalfTurn: Checker = {
  name: "leaves-no-half-turn",
  needs: ["state"],
  judge,
};

/** An attempt that nobody knows the end of, and the thread as it was left. */
interface Left {
  readonly attempt: Attempt;
  readonly read: EntryOf<"read.end"> | null;
  /** Effects of the turn until then. */
  readonly effects: readonly EntryOf<"tool.call">[];
}

function judge(history: History): Verdict {
  const all = leftIn(history);
  const seen = all.filter(({ read }) => read !== null);
  const findings = [
    ...halfTurns(history, seen.filter(isHalf)),
    ...effectsOfAbsentTurns(
      history,
      seen.filter((left) => placeIn(left) < 0 && left.effects.length > 0),
    ),
  ];
  if (all.length > 0 && seen.length === all.length) {
    return verdictOf(findings, { kind: "holds", checked: all.length });
  }
  const because =
    all.length === 0
      ? "no turn was left by its client"
      : "nobody read the thread of a turn that was left, before the next was said";
  return verdictOf(findings, { kind: "inconclusive", because });
}

function leftIn(history: History): Left[] {
  const attempts = attemptsOf(history).filter(
    ({ begin }) => begin.purpose === "workload" && begin.sound,
  );
  const threads = new Map(
    entriesOf(history, "read.begin").map(({ read, thread }) => [read, thread]),
  );
  const admitted = new Set(
    entriesOf(history, "tool.answer").flatMap((answer) => (answer.admitted ? [answer.call] : [])),
  );
  return attempts
    .filter(({ end }) => end?.outcome.kind === "unknown")
    .map((attempt) => {
      const { begin, end } = attempt;
      const fromSeq = end?.seq ?? Infinity;
      const next = attempts.find(
        (other) => other.begin.thread === begin.thread && other.begin.seq > fromSeq,
      );
      const untilSeq = next?.begin.seq ?? Infinity;
      const read = entriesOf(history, "read.end").findLast(
        ({ read: name, seq, list }) =>
          threads.get(name) === begin.thread && list !== null && seq > fromSeq && seq < untilSeq,
      );
      const effects = entriesOf(history, "tool.call").filter(
        ({ turn, call, seq }) =>
          turn === begin.turn && admitted.has(call) && seq < (read?.seq ?? 0),
      );
      return { attempt, read: read ?? null, effects };
    });
}

function placeIn({ attempt, read }: Left): number {
  return read?.list?.indexOf(attempt.begin.turn) ?? -1;
}

function isHalf(left: Left): boolean {
  const place = placeIn(left);
  return place >= 0 && left.read?.list?.[place + 1]?.startsWith("tpa-") !== true;
}

function halfTurns(history: History, half: readonly Left[]): Finding[] {
  const first = half[0];
  if (first === undefined) return [];
  const more = half.length === 1 ? "" : ` (and ${half.length - 1} more)`;
  const done = first.effects.map(({ tool }) => tool);
  const acted = done.length === 0 ? "" : `, and ${inWords(done)} had taken effect`;
  return [
    {
      diagnosis: {
        kind: "half-turn",
        because:
          `turn ${first.attempt.begin.turn} was left by its client, and stayed in its thread ` +
          `without a reply${acted}${more}`,
        remedy:
          "Do not tie the run to the socket: let it go on when the request closes, and hand its" +
          " reply to whoever asks again with the same request id. Aborting the stream drops the" +
          " writes of the node in flight, but not what it has done",
        ...faultsOf(history, first),
      },
      evidence: half.flatMap(entriesIn),
    },
  ];
}

function effectsOfAbsentTurns(history: History, absent: readonly Left[]): Finding[] {
  const first = absent[0];
  if (first === undefined) return [];
  const more = absent.length === 1 ? "" : ` (and ${absent.length - 1} more)`;
  return [
    {
      diagnosis: {
        kind: "effect-of-an-absent-turn",
        because:
          `turn ${first.attempt.begin.turn} was left by its client and is not in its thread, but ` +
          `${inWords(first.effects.map(({ tool }) => tool))} had taken effect${more}`,
        remedy:
          "Save each step before the next one acts, and take nothing back: a turn that has acted" +
          " belongs into the thread, also where nobody waits for it any more",
        ...faultsOf(history, first),
      },
      evidence: absent.flatMap(entriesIn),
    },
  ];
}

function faultsOf(history: History, { attempt, read }: Left): { faults?: string[] } {
  const faults = faultsBetween(history, attempt.begin.seq, read?.seq ?? Infinity);
  return faults.length === 0 ? {} : { faults };
}

function entriesIn({ attempt: { begin, end }, read, effects }: Left): Entry[] {
  return [begin, ...effects, end, read].filter((entry) => entry !== null);
}
