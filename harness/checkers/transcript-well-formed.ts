import { entriesOf } from "../history/history.ts";
import type { Checker } from "./verdict.ts";
import { verdictOf } from "./findings.ts";
import { malformedFindings } from "./malformed-transcripts.ts";

/**
 * A real provider would accept every transcript that reaches the model. Side calls count too: a
 * call that makes a title from a broken thread fails as well.
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
