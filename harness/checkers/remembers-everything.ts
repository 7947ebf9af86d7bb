import type { History } from "../history/history.ts";
import { highest, implies, type Level, levels } from "../history/level.ts";
import type { Checker, Ladder, Verdict } from "./verdict.ts";
import type { ExperimentName } from "../history/experiment.ts";
import { diagnose, experimentsThatTell as tellingExperiments } from "./continuity/diagnose.ts";
import type { BrokenThread } from "./continuity/diagnose.ts";
import { judgeLevels, type ThreadLevels } from "./continuity/thread-levels.ts";
import { neverInitialised } from "./continuity/not-initialised.ts";
import { operationsOf } from "./continuity/operations.ts";
import type { Operations } from "./continuity/operations.ts";
import type { ThreadOperations } from "./continuity/operation.ts";
import { throughWindow } from "./continuity/windows.ts";
import { verdictOf } from "./findings.ts";
import { attemptsOf } from "./turns.ts";

/**
 * Every conversation is complete, without repetition and in order, at the promised level of
 * consistency. Each thread is judged by all that showed it: states, replies, and the prompts that
 * reached the model.
 */
export const remembersEverything: Checker = { name: "remembers-everything", needs: [], judge };

interface Judged extends ThreadLevels {
  readonly operations: ThreadOperations;
  readonly gap: string | null;
  readonly conflicts?: NonNullable<BrokenThread["conflicts"]>;
}

/** The experiments that tell something about the broken threads of a run. */
export function experimentsThatTell(history: History): ExperimentName[] {
  const { operations, broken } = brokenIn(history);
  return broken.length === 0 ? [] : tellingExperiments(history, operations, broken);
}

function judge(history: History): Verdict {
  const never = neverInitialised(history);
  if (never) return verdictOf([never], { kind: "holds", checked: 0 });
  const { level } = history.header.promises.memory;
  const { operations, judged, worst, broken } = brokenIn(history);
  const ladder = judged.length > 0 ? { ladder: ladderOf(worst, broken) } : {};
  if (broken.length > 0) {
    const findings = diagnose(history, operations, broken);
    return { ...verdictOf(findings, { kind: "holds", checked: 0 }), ...ladder };
  }
  return (
    nothingToJudge(history, judged, level) ?? { kind: "holds", checked: count(judged), ...ladder }
  );
}

/** The threads by what they keep, and those that break what is promised, the worst first. */
function brokenIn(history: History) {
  const { level, window } = history.header.promises.memory;
  const operations = operationsOf(history);
  const judged = operations.threads.map((thread) => judgeThread(thread, operations, window));
  const worst = judged.toSorted(worse);
  const broken = worst.flatMap(({ operations: thread, breaks, conflicts }): BrokenThread[] => {
    const lowest = breaks.find((it) => implies(level, it.level));
    if (!lowest) return [];
    return [{ operations: thread, broken: lowest, ...(conflicts ? { conflicts } : {}) }];
  });
  return { operations, judged, worst, broken };
}

function judgeThread(
  operations: ThreadOperations,
  { owners }: Operations,
  window: number | null,
): Judged {
  if (window !== null) return { operations, ...throughWindow(operations, owners, window) };
  return { operations, ...judgeLevels(operations, owners), gap: null };
}

/** For a sort: fewer levels first; of two that keep equally many, the one that breaks first. */
function worse(one: Judged, other: Judged): number {
  const kept = one.kept.length - other.kept.length;
  const seq = ({ breaks: [first] }: Judged) => first?.seq ?? Infinity;
  return kept || seq(one) - seq(other) || 0;
}

/** The levels that all threads keep, and the break of the worst thread. */
function ladderOf(worst: readonly Judged[], [promised]: readonly BrokenThread[]): Ladder {
  const kept = levels.filter((level) => worst.every((thread) => thread.kept.includes(level)));
  const [any] = worst.flatMap(({ breaks }) => breaks);
  return { kept: highest(kept), broken: promised?.broken ?? any ?? null };
}

function nothingToJudge(history: History, judged: readonly Judged[], level: Level): Verdict | null {
  const writes = judged.flatMap(({ operations }) => operations.writes);
  const because = (text: string): Verdict => ({ kind: "inconclusive", because: text });
  if (writes.length === 0) return because("no turn was sent on any thread that is judged");
  // The engine's last turns are not part of what the scenario tests.
  const said = attemptsOf(history).filter(({ begin }) => begin.purpose === "workload");
  if (!said.some(({ end }) => end?.outcome.kind === "ok")) {
    return because("no turn of the workload was acknowledged");
  }
  if (!judged.some(({ operations }) => operations.reads.length > 0)) {
    return because(`nothing showed any thread: ${blindness(history)}`);
  }
  const gap = judged.find((each) => each.gap !== null);
  return gap?.gap && implies(level, "one-history")
    ? because(`thread ${gap.operations.thread}: ${gap.gap}`)
    : null;
}

/** Why nothing showed a thread, and what to declare so that something does. */
function blindness({ header }: History): string {
  const { capabilities } = header;
  if (capabilities.includes("model") || capabilities.includes("state")) {
    return "no state, no list in a reply, and no prompt";
  }
  return (
    "its replies do not repeat the conversation, even if they are asked to: give `read`, the " +
    "request that reads a thread, or point its model at ${model}"
  );
}

function count(judged: readonly Judged[]): number {
  return judged.reduce(
    (sum, { operations }) => sum + operations.writes.length + operations.reads.length,
    0,
  );
}
