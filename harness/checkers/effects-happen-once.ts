import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import { callsOf } from "../history/turn.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { andMore, finding, inWords, verdictOf } from "./findings.ts";
import type { Turn } from "./turns.ts";
import { turnsOf } from "./turns.ts";

/**
 * Each tool step of a turn takes effect exactly once if the turn is `ok`, at most once if it is
 * `unknown`, and never if it `failed`. An effect is a call that the ledger admitted. Calls alone do
 * not count, because LangGraph may run a node again if the process was killed at the node's end.
 */
export const effectsHappenOnce: Checker = {
  name: "effects-happen-once",
  needs: ["tools"],
  judge,
};

/** One tool step of one turn, with its calls. */
interface Step {
  readonly turn: Turn;
  /** From 1. */
  readonly ordinal: number;
  readonly tool: string;
  /** False if the script does not ask for it: then it may be missing, but not be doubled. */
  readonly scripted: boolean;
  readonly calls: readonly EntryOf<"tool.call">[];
  readonly admissions: readonly EntryOf<"tool.answer">[];
}

function judge(history: History): Verdict {
  const steps = stepsOf(history);
  if (steps.length === 0) {
    return { kind: "inconclusive", because: "no turn of the workload had a tool step" };
  }
  const refused = steps.filter((s) => s.turn.outcome === "failed" && s.admissions.length > 0);
  const doubled = steps.filter((s) => s.turn.outcome !== "failed" && s.admissions.length > 1);
  const lacking = steps.filter(
    (s) => s.turn.outcome === "ok" && s.scripted && s.admissions.length === 0,
  );
  // A call without a turn may be the one that seems to be missing.
  const strays = new Set(
    entriesOf(history, "tool.call").flatMap(({ turn, tool }) => (turn === null ? [tool] : [])),
  );
  const missing = lacking.filter(({ tool }) => !strays.has(tool));
  const doubtful = lacking.filter(({ tool }) => strays.has(tool));

  const findings = [
    ...duplicatedEffect(doubled),
    ...missingEffect(missing),
    ...effectOfARefusedTurn(refused),
  ];
  if (doubtful[0] === undefined) {
    return verdictOf(findings, { kind: "holds", checked: steps.length });
  }
  const because =
    `${named(doubtful[0])} was not seen to take effect, but ${doubtful[0].tool} was also ` +
    "called without a sign of its turn";
  return verdictOf(findings, { kind: "inconclusive", because });
}

function stepsOf(history: History): Step[] {
  const answers = new Map(entriesOf(history, "tool.answer").map((answer) => [answer.call, answer]));
  return turnsOf(history)
    .filter(({ purpose }) => purpose !== "warm-up")
    .flatMap((turn) => {
      const script = callsOf(turn.attempts[0].begin.steps);
      const mine = Map.groupBy(turn.toolCalls, ({ ordinal }) => ordinal);
      const ordinals = new Set([...script.keys()].map((place) => place + 1));
      for (const ordinal of mine.keys()) if (ordinal !== null) ordinals.add(ordinal);
      return [...ordinals].map((ordinal) => {
        const called = mine.get(ordinal) ?? [];
        const answered = called.flatMap(({ call }) => answers.get(call) ?? []);
        return {
          turn,
          ordinal,
          tool: script[ordinal - 1]?.tool ?? called[0]?.tool ?? "unknown",
          scripted: ordinal <= script.length,
          calls: called,
          admissions: answered.filter(({ admitted }) => admitted),
        };
      });
    });
}

function evidenceOf(steps: readonly Step[]): Entry[] {
  return steps.flatMap((step) => [
    ...step.calls,
    ...step.admissions,
    ...step.turn.attempts.flatMap(({ end }) => end ?? []),
  ]);
}

function duplicatedEffect(steps: readonly Step[]): Finding[] {
  const [step] = steps;
  if (step === undefined) return [];
  const admitted = new Set(step.admissions.map(({ call }) => call));
  const effective = step.calls.filter(({ call }) => admitted.has(call));
  const keys = effective.map(({ key }) => key);
  const keyless = keys.includes(null);
  const how = keyless
    ? "no idempotency key was sent"
    : new Set(keys).size > 1
      ? `the keys differed (${inWords(keys.flatMap((key) => key ?? []))})`
      : `the same key ${keys[0]} was admitted again`;
  const because =
    `${named(step)} took effect ${step.admissions.length} times in ${counted(step)}, ` +
    `on ${inWords(effective.map(({ replica }) => replica))}: ${how}${andMore(steps)}`;
  const remedy = keyless ? "no key" : "another key";
  return [finding("duplicated-effect", { because, evidence: evidenceOf(steps), remedy })];
}

function missingEffect(steps: readonly Step[]): Finding[] {
  const [step] = steps;
  if (step === undefined) return [];
  const because =
    `${named(step)} never took effect in ${counted(step)}, though the turn was ok` + andMore(steps);
  return [finding("missing-effect", { because, evidence: evidenceOf(steps) })];
}

function effectOfARefusedTurn(steps: readonly Step[]): Finding[] {
  const [step] = steps;
  if (step === undefined) return [];
  const because =
    `${named(step)} took effect in ${counted(step)}, though the turn was refused` + andMore(steps);
  return [finding("effect-of-a-refused-turn", { because, evidence: evidenceOf(steps) })];
}

function named({ turn, ordinal, tool }: Step): string {
  return `step ${ordinal} (${tool}) of turn ${turn.name}`;
}

/** Calls and attempts, apart from effects: many calls with one effect are correct. */
function counted({ calls, turn }: Step): string {
  const times = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  return `${times(calls.length, "call")} and ${times(turn.attempts.length, "attempt")}`;
}
