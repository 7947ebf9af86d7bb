/** Summarizes a judgement as one word, or one word per diagnosis, for tests. */
import type { History } from "../../harness/history/history.ts";
import { remembersEverything } from "../../harness/checkers/remembers-everything.ts";

/** "holds", "inconclusive", or the kinds of the diagnoses. */
export function judged(history: History): string | string[] {
  const verdict = remembersEverything.judge(history);
  if (verdict.kind !== "violated") return verdict.kind;
  const { evidence, diagnoses } = verdict;
  if (evidence.length === 0 || evidence.length > 12) {
    throw new Error(`${evidence.length} entries are no evidence for a person: 1 to 12 are`);
  }
  for (const { kind, because } of diagnoses) {
    const odd = /undefined|null|Infinity/.exec(because);
    if (odd) throw new Error(`${kind} says "${odd[0]}": ${because}`);
  }
  return diagnoses.map(({ kind }) => kind);
}
