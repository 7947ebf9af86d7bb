import type { History } from "../history/history.ts";
import { highest, implies, type Level, levels } from "../history/level.ts";
import type { Checker, Ladder, Verdict } from "./verdict.ts";
import { type BrokenThread, diagnose } from "./continuity/diagnose.ts";
import { type Judged, judgedThreads } from "./continuity/judged-threads.ts";
import { neverInitialised } from "./continuity/not-initialised.ts";
import { verdictOf } from "./findings.ts";
import { attemptsOf } from "./turns.ts";

/**
 * Every conversation is complete, without repetition and in order, at the promised level of
 * consistency. Each thread is judged by all that showed it: states, replies, and the prompts that
 * reached the model.
 */
export const remembersEverything: Checker = { name: "remembers-everything", needs: [], judge };

function judge(history: History): Verdict {
  const never = neverInitialised(history);
  if (never) return verdictOf([never], { kind: "holds", checked: 0 });
  const { level } = history.header.promises.memory;
  const { operations, judged, worst, broken } = judgedThreads(history);
  const ladder = judged.length > 0 ? { ladder: ladderOf(worst, broken) } : {};
  if (broken.length > 0) {
    const findings = diagnose(history, operations, broken);
    return { ...verdictOf(findings, { kind: "holds", checked: 0 }), ...ladder };
  }
  return (
    nothingToJudge(history, judged, level) ?? { kind: "holds", checked: count(judged), ...ladder }
  );
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
