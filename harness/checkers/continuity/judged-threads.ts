/** The threads of a run, by what they keep and break. */
import type { History } from "../../history/history.ts";
import { implies } from "../../history/level.ts";
import type { BrokenThread } from "./diagnose.ts";
import type { ThreadOperations } from "./operation.ts";
import { type Operations, operationsOf } from "./operations.ts";
import { judgeLevels, type ThreadLevels } from "./thread-levels.ts";
import { throughWindow } from "./windows.ts";

export interface Judged extends ThreadLevels {
  readonly operations: ThreadOperations;
  readonly gap: string | null;
  readonly conflicts?: NonNullable<BrokenThread["conflicts"]>;
}

/** The threads by what they keep, and those that break what is promised, the worst first. */
export function judgedThreads(history: History) {
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
