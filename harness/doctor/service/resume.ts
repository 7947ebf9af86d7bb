import type { Target } from "../../config/configuration.ts";
import { attemptsOf, type Evidence } from "./observed.ts";
import { broken, type Finding, open, pathOf, short, works } from "./finding.ts";

/** A turn that waits for an approval continues after the approval. */
export function resumption(evidence: Evidence): Finding {
  const { target } = evidence;
  const attempts = attemptsOf(evidence);
  const waiting = attempts.find(({ end }) => end?.outcome.kind === "interrupted");
  if (target.resume === undefined) {
    return waiting === undefined
      ? open("not declared: if a turn may wait for an approval, add resume, a request")
      : broken("a turn waits for an approval, and no request gives it: add resume");
  }
  if (waiting === undefined) {
    return mayWait(target)
      ? open("not tried, because no turn waited for an approval")
      : broken(
          "no response can mean that a turn waits for an approval: add say.means, for example " +
            '[{ path: "$.…", means: "interrupted" }]',
        );
  }
  const own = attempts.filter(({ begin }) => begin.turn === waiting.begin.turn);
  const outcome = own.at(-1)?.end?.outcome;
  const asked = pathOf(target.resume);
  if (outcome?.kind === "ok") {
    return works(`after ${asked}, a turn that waited for an approval gets its reply`);
  }
  if (outcome?.kind === "interrupted") {
    return broken(`after ${own.length - 1} × ${asked} the turn still waits: check resume`);
  }
  const why = outcome === undefined ? "it never ended" : short(outcome.why);
  return broken(`after ${asked} the turn failed: ${why}; check resume`);
}

/** Whether the configuration declares a response that means "waits for an approval". */
function mayWait({ say }: Target): boolean {
  if (typeof say === "function" || say.means.some(({ means }) => means === "interrupted")) {
    return true;
  }
  const { reply } = say;
  return typeof reply === "object" && "kind" in reply && reply.kind === "job";
}
