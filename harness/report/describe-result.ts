/** One result as plain text, for formats with a field for it: the verdict, and its cause. */
import { causeLines } from "./diagnosis-text.ts";
import { exceeds, figurePhrase } from "./figures.ts";
import { styleFor } from "./style.ts";
import { expectedPhrase, seconds, seenPhrase } from "./phrases.ts";
import type { Result } from "./result.ts";
import { readable } from "./turn-names.ts";

/** "expected holds, seen violated by remembers-everything: stale-read". */
export function surprisePhrase(result: Result): string {
  return `expected ${expectedPhrase(result.expected)}, seen ${seenPhrase(result)}`;
}

/** "accepted: one replica only until spring"; null: the expectation has no reason. */
export function acceptedBecause({ expected }: Result): string | null {
  const reason = expected.kind === "holds" ? null : expected.reason;
  return reason === null ? null : `accepted: ${reason}`;
}

/** "as expected, violated by remembers-everything: amnesia (accepted: a known defect)". */
export function acceptedPhrase(result: Result): string {
  const accepted = acceptedBecause(result);
  return `as expected, ${seenPhrase(result)}${accepted === null ? "" : ` (${accepted})`}`;
}

/** Every cause with its lists and its remedy, faults without effect, and exceeded budgets. */
export function describeResult(result: Result): string {
  const plain = styleFor(false);
  const causes = result.diagnoses.map((diagnosis) => {
    const leading = diagnosis.kind === result.diagnoses[0]?.kind;
    return [diagnosis.kind, ...causeLines(result, diagnosis, leading, 120, plain)].join("\n");
  });
  const bites = result.faults
    .filter(({ bite }) => !bite.bit)
    .map(({ name, bite }) => `${name} had no effect: ${bite.what}`);
  return [
    ...(causes.length > 0 ? causes : [readable(result.verdict.because)]),
    ...bites,
    ...result.figures.filter(exceeds).map(figurePhrase),
    ...(result.faults.length > 0 ? recoveryPhrases(result) : []),
    sightPhrase(result),
  ].join("\n\n");
}

/** "answers again after 4.1 s (within 2 s promised)"; empty: no thread was asked. */
export function recoveryPhrases({ recovery }: Pick<Result, "recovery">): string[] {
  if (recovery === null) return [];
  const { how, afterMs, withinMs } = recovery;
  const when = afterMs === 0 ? "at once" : `after ${seconds(afterMs ?? 0)}`;
  const phrase = {
    "by itself": `answers again ${when}`,
    "needs a restart": "answers again only after a restart",
    never: "never answers again",
  }[how];
  return [`${phrase} (within ${seconds(withinMs)} promised)`];
}

/** "seen through: model wire, state". */
export function sightPhrase({ seenThrough }: Pick<Result, "seenThrough">): string {
  return `seen through: ${seenThrough.join(", ") || "nothing"}`;
}
