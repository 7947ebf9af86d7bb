import type { EntryOf, History } from "../history/history.ts";
import { callsOf, entriesOf } from "../history/history.ts";
import type { Checker, Diagnosis, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { inWords, verdictOf } from "./findings.ts";
import type { Turn } from "./turns.ts";
import { turnsOf } from "./turns.ts";

/**
 * Each tool step of a turn takes effect exactly once if the turn is `ok`, at most once if it is
 * `unknown`, never if it `failed`. What counts is admission by the ledger: attempts are free,
 * because LangGraph may run a node again that was killed at its end.
 */
export const effectsHappenOnce: Checker = {
  name: "effects-happen-once",
  needs: ["tools"],
  judge,
};

/** One step of one turn, with everything that the ledger saw of it. */
interface Step {
  readonly turn: Turn;
  /** From 1. */
  readonly ordinal: number;
  readonly tool: string;
  /** False where the harness never asked for it: then it may be missing, but not be doubled. */
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
  // A call that nobody could attribute may be the very one that seems to be missing.
  const strays = new Set(
    entriesOf(history, "tool.call").flatMap(({ turn, tool }) => (turn === null ? [tool] : [])),
  );
  const missing = lacking.filter(({ tool }) => !strays.has(tool));
  const doubtful = lacking.filter(({ tool }) => strays.has(tool));

  const findings = [
    ...findingOf(doubled, duplicatedEffect),
    ...findingOf(missing, missingEffect),
    ...findingOf(refused, effectOfARefusedTurn),
  ];
  if (doubtful[0] === undefined) {
    return verdictOf(findings, { kind: "holds", checked: steps.length });
  }
  const because =
    `${named(doubtful[0])} was not seen to take effect, but ${doubtful[0].tool} was also ` +
    "called without saying for which turn";
  return verdictOf(findings, { kind: "inconclusive", because });
}

function stepsOf(history: History): Step[] {
  const answers = new Map(entriesOf(history, "tool.answer").map((answer) => [answer.call, answer]));
  const calls = Map.groupBy(entriesOf(history, "tool.call"), ({ turn }) => turn);
  return turnsOf(history)
    .filter(({ purpose }) => purpose !== "warm-up")
    .flatMap((turn) => {
      const script = callsOf(turn.attempts[0]?.begin.steps ?? []);
      const mine = Map.groupBy(calls.get(turn.name) ?? [], ({ ordinal }) => ordinal);
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

/** One diagnosis for all steps of a sort: the first in full, the others as a number. */
function findingOf(steps: readonly Step[], diagnose: (step: Step) => Diagnosis): Finding[] {
  const [first, ...others] = steps;
  if (first === undefined) return [];
  const { because, ...rest } = diagnose(first);
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const evidence = steps.flatMap((step) => [
    ...step.calls,
    ...step.admissions,
    ...step.turn.attempts.flatMap(({ end }) => end ?? []),
  ]);
  return [{ diagnosis: { because: because + more, ...rest }, evidence }];
}

function duplicatedEffect(step: Step): Diagnosis {
  const admitted = new Set(step.admissions.map(({ call }) => call));
  const effective = step.calls.filter(({ call }) => admitted.has(call));
  const keys = effective.map(({ key }) => key);
  const keyless = keys.includes(null);
  const how = keyless
    ? "no idempotency key was sent"
    : new Set(keys).size > 1
      ? `the keys differed (${inWords(keys.flatMap((key) => key ?? []))})`
      : `the same key ${keys[0]} was admitted again`;
  return {
    kind: "duplicated-effect",
    because:
      `${named(step)} took effect ${step.admissions.length} times in ${counted(step)}, ` +
      `on ${inWords(effective.map(({ replica }) => replica))}: ${how}`,
    remedy:
      (keyless ? "Send an idempotency key with every effect, and derive it" : "Derive the key") +
      " from what survives a resume (thread id, request id and tool call id), never from a" +
      " clock or a fresh uuid: LangGraph runs a node again that was killed at its end",
  };
}

function missingEffect(step: Step): Diagnosis {
  return {
    kind: "missing-effect",
    because: `${named(step)} never took effect in ${counted(step)}, though the turn was ok`,
    remedy:
      "Answer ok only after every tool of the turn has answered, and let a failed tool fail" +
      " the turn: ToolNode turns an error into a message, and the model talks over it",
  };
}

function effectOfARefusedTurn(step: Step): Diagnosis {
  return {
    kind: "effect-of-a-refused-turn",
    because: `${named(step)} took effect in ${counted(step)}, though the turn was refused`,
    remedy:
      "Refuse (thread id, owner, busy thread) before the graph is invoked: with durability" +
      " async or exit the nodes have run by the time the saver throws",
  };
}

function named({ turn, ordinal, tool }: Step): string {
  return `step ${ordinal} (${tool}) of turn ${turn.name}`;
}

/** Attempts are counted apart from admissions: many calls and one effect is how it should be. */
function counted({ calls, turn }: Step): string {
  const times = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  return `${times(calls.length, "call")} and ${times(turn.attempts.length, "attempt")}`;
}
