import { entriesOf, type EntryOf, type History } from "../history/history.ts";
import type { Checker } from "./verdict.ts";
import { andMore, finding, type Finding, inWords, verdictOf } from "./findings.ts";
import { livesOf } from "./lives.ts";
import { attemptsOf, type Turn, turnsOf } from "./turns.ts";

/**
 * A turn's steps run once. A step that runs again with the same prompt after its answer, or beside
 * it, shows a second execution of the turn, unless something lies between the two that justifies
 * one: a retry of the client, an answer that was an error, a death, a fault, or a conflict with
 * another turn of the thread. Calls that belong to no turn do not count.
 */
export const runsOnce: Checker = { name: "runs-once", needs: ["model"], judge };

type Call = EntryOf<"model.call">;

/** Two executions of one step. */
interface Pair {
  readonly turn: Turn;
  readonly first: Call;
  readonly again: Call;
}

function judge(history: History) {
  const turns = turnsOf(history).filter(({ modelCalls }) => modelCalls.length > 0);
  const answers = new Map(entriesOf(history, "model.answer").map((it) => [it.call, it]));
  const isExcused = excuses(history);
  const all = turns.map((turn) => pairsOf(turn, answers).filter((pair) => !isExcused(pair)));
  // Some services ask the same twice in every turn, to compare the answers: only two replicas
  // that each ask it are two executions then.
  const isHabit = all.length > 1 && all.every((pairs) => pairs.length > 0);
  const pairs = all
    .flat()
    .filter(({ first, again }) => !isHabit || first.replica !== again.replica);
  return verdictOf(ranTwice(pairs), { kind: "holds", checked: turns.length });
}

/** Each second call of a step with the same prompt, whose first call was answered well. */
function pairsOf(turn: Turn, answers: ReadonlyMap<string, EntryOf<"model.answer">>): Pair[] {
  const steps = Map.groupBy(turn.modelCalls, ({ ordinal }) => ordinal);
  return [...steps.values()].flatMap((calls) =>
    calls.flatMap((again, place) => {
      const first = calls.slice(0, place).find((call) => {
        const answer = answers.get(call.call);
        const isGood = answer !== undefined && answer.status < 400 && answer.brokeOff === undefined;
        return isGood && isSamePrompt(call, again) && !isTimeOut(call, again, answer.seq);
      });
      return first === undefined ? [] : [{ turn, first, again }];
    }),
  );
}

function isSamePrompt(one: Call, other: Call): boolean {
  return (
    one.transcript.length === other.transcript.length &&
    one.transcript.every(({ role, text }, i) => {
      const theirs = other.transcript[i];
      return theirs?.role === role && theirs.text === text;
    })
  );
}

/** A model client that waited this long may have given up, and asks again. In milliseconds. */
const patienceMs = 1_000;

/** The same replica asked again while it had no answer, and could be tired of waiting. */
function isTimeOut(first: Call, again: Call, answeredSeq: number): boolean {
  const waited = again.seq < answeredSeq && again.at - first.at >= patienceMs;
  return waited && first.replica === again.replica;
}

/** Whether something between the two calls justifies the second one. */
function excuses(history: History): (pair: Pair) => boolean {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  const faults = entriesOf(history, "fault.begin").filter(({ stops }) => stops !== "call");
  const deaths = livesOf(history).flatMap(({ signals, exit, from, start }) => [
    ...signals.map(({ seq }) => seq),
    ...(exit === null ? [] : [exit.seq]),
    ...(start === null ? [] : [from]),
  ]);
  const attempts = attemptsOf(history);
  /** A replica whose save met that of another turn may run the turn again. */
  const mayConflict = ({ turn, first, again }: Pair) =>
    first.replica === again.replica &&
    attempts.some(
      ({ begin, end }) =>
        begin.thread === turn.thread &&
        begin.turn !== turn.name &&
        begin.seq < again.seq &&
        (end?.seq ?? Infinity) > first.seq,
    );
  return (pair) => {
    const { turn, first, again } = pair;
    const isBetween = (seq: number) => first.seq < seq && seq < again.seq;
    return (
      turn.attempts.some(({ begin }) => isBetween(begin.seq)) ||
      deaths.some(isBetween) ||
      mayConflict(pair) ||
      faults.some(({ fault, seq }) => seq < again.seq && (ends.get(fault) ?? Infinity) > first.seq)
    );
  };
}

function ranTwice(pairs: readonly Pair[]): Finding[] {
  const [pair] = pairs;
  if (pair === undefined) return [];
  const { turn, first, again } = pair;
  const turns = [...new Set(pairs.map((it) => it.turn.name))];
  const where =
    first.replica === again.replica
      ? `twice on ${first.replica}`
      : `on ${inWords([first.replica, again.replica])}`;
  const because =
    `model call ${first.ordinal} of turn ${turn.name} was made ${where}, the second time ` +
    `${Math.round(again.at - first.at)} ms later with the same prompt, and the client had sent ` +
    `the turn once${andMore(turns, "turns")}`;
  const evidence = pairs.flatMap((it) => [it.turn.attempts[0].begin, it.first, it.again]);
  return [finding("ran-twice", { because, evidence })];
}
