import type { Target } from "../../config/configuration.ts";
import { attemptsOf, type Evidence } from "./observed.ts";
import { broken, type Finding, open, pathOf, short, works } from "./finding.ts";

/** A turn that waits for an approval goes on once it has it. */
export function resumption(evidence: Evidence): Finding {
  const { target } = evidence;
  const attempts = attemptsOf(evidence);
  const waiting = attempts.find(({ end }) => end?.outcome.kind === "interrupted");
  if (target.resume === undefined) {
    return waiting === undefined
      ? open("none is declared: add resume, a request, where a turn may wait for an approval")
      : broken("a turn waits for an approval, and nothing says how it is given: add resume");
  }
  if (waiting === undefined) {
    return mayWait(target)
      ? open("none of these turns waited for an approval, so it was not tried")
      : broken(
          "no answer can say that a turn waits for an approval: add say.means, as " +
            '[{ path: "$.…", means: "interrupted" }]',
        );
  }
  const own = attempts.filter(({ begin }) => begin.turn === waiting.begin.turn);
  const outcome = own.at(-1)?.end?.outcome;
  const asked = pathOf(target.resume);
  if (outcome?.kind === "ok") {
    return works(`${asked} lets a turn that waits for an approval go on to its reply`);
  }
  if (outcome?.kind === "interrupted") {
    return broken(`after ${own.length - 1} × ${asked} the turn still waits: look at resume`);
  }
  const why = outcome === undefined ? "it had no end" : short(outcome.why);
  return broken(`${asked} did not bring the turn to its end: ${why}; look at resume`);
}

/** Whether something is declared by which an answer says that it waits. */
function mayWait({ say }: Target): boolean {
  if (typeof say === "function" || say.means.some(({ means }) => means === "interrupted")) {
    return true;
  }
  const { reply } = say;
  return typeof reply === "object" && "kind" in reply && reply.kind === "job";
}
