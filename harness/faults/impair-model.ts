import type { Fault } from "../deployment/fault.ts";
import type { Made } from "../deployment/made.ts";
import type { ModelImpairment } from "../wires/model/model-impairment.ts";

/** The model answers with an error instead of a reply: 429 (with Retry-After), 500, 529 … */
export function failModel(status: number): Fault {
  const made = { by: "failModel", from: [status] };
  return impaired(made, `the model answers ${status}`, { kind: "status", status });
}

/** The model's connection is reset in the middle of a reply. */
export function cutReplies(): Fault {
  const made = { by: "cutReplies", from: [] };
  return impaired(made, "the model's replies are cut off", { kind: "cut" });
}

/** A reply ends in its middle as if that were all: so a gateway ends a stream that it has lost. */
export function shortenReplies(): Fault {
  const made = { by: "shortenReplies", from: [] };
  return impaired(made, "the model's replies end early", { kind: "short" });
}

/** The model stops in the middle of a reply, and nobody is told. */
export function stallReplies(): Fault {
  const made = { by: "stallReplies", from: [] };
  return impaired(made, "the model's replies stall", { kind: "stall" });
}

/** The model takes longer for a reply than anybody can wait. */
export function silenceModel(): Fault {
  const made = { by: "silenceModel", from: [] };
  return impaired(made, "the model is silent", { kind: "silence" });
}

/** For all replicas alike. It bites where there would have been a reply. */
function impaired(made: Made, name: string, impairment: ModelImpairment): Fault {
  return {
    name,
    replica: null,
    made,
    stops: "replies",
    async inject(deployment) {
      const held = deployment.impairModel(impairment);
      return {
        bite: () => ({ bit: held.met() > 0, what: `${held.met()} replies met it` }),
        [Symbol.asyncDispose]: async () => held[Symbol.dispose](),
      };
    },
  };
}
