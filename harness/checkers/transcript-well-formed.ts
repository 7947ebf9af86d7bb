import { entriesOf } from "../history/history.ts";
import type { Checker } from "./verdict.ts";
import { verdictOf } from "./findings.ts";
import { malformedFindings } from "./malformed-transcripts.ts";

/**
 * Every transcript that reaches the model is one that a real provider accepts. Side calls count
 * too: a title that is made from a wedged thread fails just the same.
 */
export const transcriptWellFormed: Checker = {
  name: "transcript-well-formed",
  needs: ["model"],
  judge(history) {
    const calls = entriesOf(history, "model.call");
    if (calls.length === 0) {
      return { kind: "inconclusive", because: "the model was never called" };
    }
    const findings = malformedFindings(history, calls);
    return verdictOf(findings, { kind: "holds", checked: calls.length });
  },
};
