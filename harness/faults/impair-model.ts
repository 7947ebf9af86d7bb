import { defineFault, type Injection } from "../deployment/fault.ts";
import type { ModelImpairment } from "../wires/model/model-impairment.ts";

/** The model answers with an error instead of a reply: 429 (with Retry-After), 500, 529 … */
export const failModel = defineFault("failModel", (status: number) => {
  return impaired(`the model answers ${status}`, { kind: "status", status });
});

/** The model's connection is reset in the middle of a reply. */
export const cutReplies = defineFault("cutReplies", () =>
  impaired("the model's replies are cut off", { kind: "cut" }),
);

/** A reply ends in its middle as if that were all: so a gateway ends a stream that it has lost. */
export const shortenReplies = defineFault("shortenReplies", () =>
  impaired("the model's replies end early", { kind: "short" }),
);

/** The model stops in the middle of a reply, and nobody is told. */
export const stallReplies = defineFault("stallReplies", () =>
  impaired("the model's replies stall", { kind: "stall" }),
);

/** The model takes longer for a reply than anybody can wait. */
export const silenceModel = defineFault("silenceModel", () =>
  impaired("the model is silent", { kind: "silence" }),
);

/** For all replicas alike. It bites where there would have been a reply. */
function impaired(name: string, impairment: ModelImpairment): Injection {
  return {
    name,
    replica: null,
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
