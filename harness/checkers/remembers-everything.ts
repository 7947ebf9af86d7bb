import type { History, Level } from "../history/history.ts";
import type { Checker, Ladder, Verdict } from "./verdict.ts";
import { diagnose } from "./continuity/diagnosis.ts";
import type { BrokenThread } from "./continuity/diagnosis.ts";
import { climb } from "./continuity/ladder.ts";
import { neverInitialised } from "./continuity/not-initialised.ts";
import { operationsOf } from "./continuity/operations.ts";
import type { Operations } from "./continuity/operations.ts";
import type { ThreadOperations } from "./continuity/operation.ts";
import { throughWindow } from "./continuity/windows.ts";
import { verdictOf } from "./findings.ts";
import { untilRestart } from "./recovery.ts";
import { attemptsOf } from "./turns.ts";

/**
 * Every conversation is there, whole, once and in order, as far up the ladder as is promised. It
 * judges each thread on its own by what anybody saw of it: states, replies, and the prompts that
 * reached the model.
 */
export const remembersEverything: Checker = { name: "remembers-everything", needs: [], judge };

interface Judged {
  readonly operations: ThreadOperations;
  readonly ladder: Ladder;
  readonly gap: string | null;
  readonly clashes?: NonNullable<BrokenThread["clashes"]>;
}

function judge(whole: History): Verdict {
  const history = untilRestart(whole);
  const never = neverInitialised(history);
  if (never) return verdictOf([never], { kind: "holds", checked: 0 });
  const { level, window } = history.header.promises.memory;
  const operations = operationsOf(history);
  const judged = operations.threads.map((thread) => judgeThread(thread, operations, window));
  const worst = judged.toSorted((one, other) => worse(one.ladder, other.ladder));
  const [lowest] = worst;
  const broken = worst.flatMap((each): BrokenThread[] => {
    const { operations, ladder, clashes } = each;
    if (!ladder.broken || ladder.broken.level > level) return [];
    return [{ operations, broken: ladder.broken, ...(clashes ? { clashes } : {}) }];
  });
  const ladder = lowest ? { ladder: lowest.ladder } : {};
  if (broken.length > 0) {
    const findings = diagnose(history, operations, broken);
    return { ...verdictOf(findings, { kind: "holds", checked: 0 }), ...ladder };
  }
  return (
    nothingToJudge(history, judged, level) ?? { kind: "holds", checked: count(judged), ...ladder }
  );
}

function judgeThread(
  operations: ThreadOperations,
  { owners }: Operations,
  window: number | null,
): Judged {
  if (window !== null) return { operations, ...throughWindow(operations, owners, window) };
  return { operations, ladder: climb(operations, owners), gap: null };
}

/** The one that keeps less; of two that keep the same, the one that breaks first. */
function worse(one: Ladder, other: Ladder): number {
  const kept = (one.kept ?? "").localeCompare(other.kept ?? "");
  return kept || (one.broken?.seq ?? Infinity) - (other.broken?.seq ?? Infinity) || 0;
}

function nothingToJudge(history: History, judged: readonly Judged[], level: Level): Verdict | null {
  const writes = judged.flatMap(({ operations }) => operations.writes);
  const because = (text: string): Verdict => ({ kind: "inconclusive", because: text });
  if (writes.length === 0) return because("no turn was said on any thread that is judged");
  // The engine's own turns at the end are not what the scenario put to the test.
  const said = attemptsOf(history).filter(({ begin }) => begin.purpose === "workload");
  if (!said.some(({ end }) => end?.outcome.kind === "ok")) {
    return because("no turn of the workload was acknowledged");
  }
  if (!judged.some(({ operations }) => operations.reads.length > 0)) {
    return because(`nobody saw any thread: ${blindness(history)}`);
  }
  const gap = judged.find((each) => each.gap !== null);
  return gap?.gap && level >= "L2" ? because(`thread ${gap.operations.thread}: ${gap.gap}`) : null;
}

/** Why nothing was seen, and what to declare so that it would be. */
function blindness({ header }: History): string {
  const { capabilities } = header;
  if (capabilities.includes("model") || capabilities.includes("state")) {
    return "neither a state, nor a list in a reply, nor a prompt";
  }
  return (
    "its replies repeat nothing of it, not even when it is asked to: give `read`, the request that " +
    "reads a thread, or point its model at ${model}"
  );
}

function count(judged: readonly Judged[]): number {
  return judged.reduce(
    (sum, { operations }) => sum + operations.writes.length + operations.reads.length,
    0,
  );
}
