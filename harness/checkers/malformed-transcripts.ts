import type { EntryOf, History } from "../history/history.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, inWords } from "./findings.ts";

/**
 * What transcripts that a real provider answers with 400 say about their cause: one finding for
 * those that are about tool results, one for all others.
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
    ...findingOf(history, tools, {
      kind: "orphaned-tool-call",
      remedy:
        "Before accepting a new message look at getState().tasks: if it is not empty and no" +
        " interrupt waits, invoke(null) first. A new message discards the pending tool call," +
        " and the provider answers 400 on every later turn of the thread",
    }),
    ...findingOf(history, others, {
      kind: "malformed-transcript",
      remedy:
        "Compare the stored messages with what the provider accepts, and repair them before the" +
        " model is called: trimming, merging and mapping of roles are where they break",
    }),
  ];
}

function findingOf(
  history: History,
  calls: readonly EntryOf<"model.call">[],
  words: { readonly kind: string; readonly remedy: string },
): Finding[] {
  const first = calls[0];
  if (first === undefined) return [];
  const faults = faultsBetween(history, 0, first.seq);
  const after = faults.length === 0 ? "without any fault" : `after ${inWords(faults)}`;
  const turns = calls.flatMap(({ turn }) => turn ?? []);
  const of = turns.length === 0 ? "" : ` (turns ${inWords(turns.slice(0, 4))})`;
  const diagnosis = {
    kind: words.kind,
    because:
      `${calls.length} model ${calls.length === 1 ? "call" : "calls"}${of} from ` +
      `${inWords(calls.map(({ replica }) => replica))} carried a transcript that the provider ` +
      `refuses, first ${after}: ${first.malformed}`,
    remedy: words.remedy,
    ...(faults.length === 0 ? {} : { faults }),
  };
  return [{ diagnosis, evidence: calls }];
}
