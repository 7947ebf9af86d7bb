import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import { isMessage } from "../history/token.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { andMore, faultsBetween, finding, inWords, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf } from "./turns.ts";

/**
 * A turn whose client has left is complete in its thread, or it is absent and has had no effect.
 * The last read before the next message counts: until then a service that repairs a half turn with
 * the next message has shown it to every reader.
 */
export const leavesNoHalfTurn: Checker = {
  name: "leaves-no-half-turn",
  needs: ["state"],
  judge,
};

/** An attempt whose client left before its end, and the thread afterwards. */
interface Left {
  readonly attempt: Attempt;
  readonly read: EntryOf<"read.end"> | null;
  /** Effects of the turn before that read. */
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
      : "no read of the thread came between a turn that its client left and the next turn";
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
  const next = left.read?.list?.[place + 1];
  return place >= 0 && (next === undefined || isMessage(next));
}

function halfTurns(history: History, half: readonly Left[]): Finding[] {
  const first = half[0];
  if (first === undefined) return [];

  const done = first.effects.map(({ tool }) => tool);
  const acted = done.length === 0 ? "" : `, and ${inWords(done)} had taken effect`;
  const because =
    `turn ${first.attempt.begin.turn} was left by its client, and stayed in its thread ` +
    `without a reply${acted}${andMore(half)}`;
  const evidence = half.flatMap(evidenceOf);
  return [finding("half-turn", { because, evidence, faults: faultsOf(history, first) })];
}

function effectsOfAbsentTurns(history: History, absent: readonly Left[]): Finding[] {
  const first = absent[0];
  if (first === undefined) return [];
  const because =
    `turn ${first.attempt.begin.turn} was left by its client and is not in its thread, but ` +
    `${inWords(first.effects.map(({ tool }) => tool))} had taken effect${andMore(absent)}`;
  const evidence = absent.flatMap(evidenceOf);
  const faults = faultsOf(history, first);
  return [finding("effect-of-an-absent-turn", { because, evidence, faults })];
}

function faultsOf(history: History, { attempt, read }: Left): string[] {
  return faultsBetween(history, attempt.begin.seq, read?.seq ?? Infinity);
}

function evidenceOf({ attempt: { begin, end }, read, effects }: Left): Entry[] {
  return [begin, ...effects, end, read].filter((entry) => entry !== null);
}
