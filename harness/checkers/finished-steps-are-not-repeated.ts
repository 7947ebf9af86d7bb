import type { EntryOf, History } from "../history/history.ts";
import { callsOf } from "../history/turn.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, finding, inWords, verdictOf } from "./findings.ts";
import { turnsOf } from "./turns.ts";

/**
 * After a resume only the step in flight may run again. The calls of a turn have a logical order:
 * model call 1, tool 1, model call 2, tool 2, … A step is finished once the next has begun; tools
 * that one model call asked for together are finished only when the next model call began.
 */
export const finishedStepsAreNotRepeated: Checker = {
  name: "finished-steps-are-not-repeated",
  needs: ["model"],
  judge,
};

type Call = EntryOf<"model.call"> | EntryOf<"tool.call">;

interface CallsOfTurn {
  readonly calls: Call[];
  /** The model call that asks for a tool, by the tool's place in the script. */
  readonly askedBy: ReadonlyMap<number, number>;
}

/** A finished step that began again. */
interface Repetition {
  readonly first: Call;
  readonly again: Call;
  /** The latest step that had begun: only this one may run again. */
  readonly inFlight: Call;
}

function judge(history: History): Verdict {
  const byTurn = callsByTurn(history);
  const calls = [...byTurn.values()].flatMap((mine) => mine.calls);
  if (!calls.some(({ kind }) => kind === "model.call")) {
    return { kind: "inconclusive", because: "no model call belongs to a turn of the workload" };
  }
  const repeated = [...byTurn].flatMap(([turn, mine]) => {
    const repetitions = repetitionsIn(mine);
    return repetitions.length === 0 ? [] : [{ turn, repetitions }];
  });
  const findings = findingOf(history, repeated);
  return verdictOf(findings, { kind: "holds", checked: calls.length });
}

/** The calls of each turn, in order of time, without warm-ups. */
function callsByTurn(history: History): Map<string, CallsOfTurn> {
  return new Map(
    turnsOf(history)
      .filter(({ purpose }) => purpose !== "warm-up")
      .map(({ name, attempts, modelCalls, toolCalls }) => {
        const script = callsOf(attempts[0].begin.steps);
        const askedBy = new Map(script.map((call, i) => [i + 1, call.askedBy]));
        const calls = [...modelCalls, ...toolCalls.filter(({ ordinal }) => ordinal !== null)];
        return [name, { calls: calls.sort((one, other) => one.seq - other.seq), askedBy }];
      }),
  );
}

function repetitionsIn({ calls, askedBy }: CallsOfTurn): Repetition[] {
  const firsts = new Map<string, Call>();
  const repetitions: Repetition[] = [];
  let furthest: Call | null = null;
  let furthestModel = 0;
  /** The latest model call of which a tool has begun. */
  let furthestAsked = 0;
  for (const call of calls) {
    const ordinal = call.ordinal ?? 0;
    const step = `${call.kind} ${ordinal}`;
    const first = firsts.get(step);
    const model = call.kind === "model.call" ? ordinal : (askedBy.get(ordinal) ?? ordinal);
    const finished =
      call.kind === "model.call"
        ? furthestModel > model || furthestAsked >= model
        : furthestModel > model;
    if (first === undefined) firsts.set(step, call);
    else if (finished && furthest !== null) {
      repetitions.push({ first, again: call, inFlight: furthest });
    }
    if (!finished) furthest = call;
    if (call.kind === "model.call") furthestModel = Math.max(furthestModel, model);
    else furthestAsked = Math.max(furthestAsked, model);
  }
  return repetitions;
}

function findingOf(
  history: History,
  repeated: readonly { readonly turn: string; readonly repetitions: readonly Repetition[] }[],
): Finding[] {
  const example = repeated[0];
  const one = example?.repetitions[0];
  if (example === undefined || one === undefined) return [];
  const all = repeated.flatMap(({ repetitions }) => repetitions);
  const steps = example.repetitions.map(({ again }) => stepInWords(again));
  const others =
    repeated.length === 1 ? "" : `, and in ${repeated.length - 1} more turns, ${all.length} in all`;
  const faults = faultsBetween(history, one.first.seq, one.again.seq);
  const because =
    `turn ${example.turn}: ${counted(example.repetitions.length)} began again on ` +
    `${inWords(example.repetitions.map(({ again }) => again.replica))} ` +
    `(${inWords(steps)}), though ${stepInWords(one.inFlight)} ` +
    `had begun on ${one.inFlight.replica}${others}`;
  const evidence = all.flatMap(({ first, inFlight, again }) => [first, inFlight, again]);
  return [finding("repeated-steps", { because, evidence, faults })];
}

function stepInWords(call: Call): string {
  return call.kind === "model.call" ? `model call ${call.ordinal}` : `${call.tool} ${call.ordinal}`;
}

function counted(steps: number): string {
  return steps === 1 ? "1 finished step" : `${steps} finished steps`;
}
