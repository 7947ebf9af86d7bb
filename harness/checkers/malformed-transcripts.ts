import type { EntryOf, History } from "../history/history.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, finding, inWords } from "./findings.ts";

/**
 * Findings for transcripts that a real provider answers with 400: one for those with a wrong tool
 * call or result, and one for all others.
 */
export function malformedFindings(
  history: History,
  calls: readonly EntryOf<"model.call">[],
): Finding[] {
  const malformed = calls.filter((call) => call.malformed !== null);
  const aboutTools = (call: EntryOf<"model.call">) => /tool/i.test(call.malformed ?? "");
  const tools = malformed.filter(aboutTools);
  const others = malformed.filter((call) => !aboutTools(call));
  return [
    ...findingOf(history, tools, "orphaned-tool-call"),
    ...findingOf(history, others, "malformed-transcript"),
  ];
}

function findingOf(
  history: History,
  calls: readonly EntryOf<"model.call">[],
  kind: "orphaned-tool-call" | "malformed-transcript",
): Finding[] {
  const first = calls[0];
  if (first === undefined) return [];
  const faults = faultsBetween(history, 0, first.seq);
  const after = faults.length === 0 ? "without any fault" : `after ${inWords(faults)}`;
  const turns = calls.flatMap(({ turn }) => turn ?? []);
  const of = turns.length === 0 ? "" : ` (turns ${inWords(turns.slice(0, 4))})`;
  const because =
    `${calls.length} model ${calls.length === 1 ? "call" : "calls"}${of} from ` +
    `${inWords(calls.map(({ replica }) => replica))} carried a transcript that the provider ` +
    `refuses, first ${after}: ${first.malformed}`;
  return [finding(kind, { because, evidence: calls, faults })];
}
