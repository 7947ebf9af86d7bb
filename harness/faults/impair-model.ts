import { defineFault, type Injection } from "../deployment/fault.ts";
import type { ModelImpairment } from "../wires/model/model-impairment.ts";

/**
 * The model answers with an error status instead of a reply: 429 (with Retry-After), 500, 529.
 * @effect at least one reply was replaced
 * @heal the model replies again
 */
export const failModel = defineFault("failModel", (status: number) => {
  return impaired(`the model answers ${status}`, { kind: "status", status });
});

/**
 * The model's connection is reset in the middle of a reply.
 * @effect at least one reply was cut
 * @heal the model replies again
 */
export const cutReplies = defineFault("cutReplies", () =>
  impaired("the model's replies are cut off", { kind: "cut" }),
);

/**
 * A reply ends half-way as if it were complete, as when a gateway loses the stream behind it.
 * @effect at least one reply was shortened
 * @heal the model replies again
 */
export const shortenReplies = defineFault("shortenReplies", () =>
  impaired("the model's replies end early", { kind: "short" }),
);

/**
 * The model stops in the middle of a reply and keeps the connection open.
 * @effect at least one reply stalled
 * @heal the model replies again
 */
export const stallReplies = defineFault("stallReplies", () =>
  impaired("the model's replies stall", { kind: "stall" }),
);

/**
 * The model accepts a call and sends nothing.
 * @effect at least one call got no reply
 * @heal the model replies again
 */
export const silenceModel = defineFault("silenceModel", () =>
  impaired("the model is silent", { kind: "silence" }),
);

/** Impairs the replies to all replicas. It takes effect if at least one reply was due. */
function impaired(name: string, impairment: ModelImpairment): Injection {
  return {
    name,
    replica: null,
    stops: "replies",
    async inject(deployment) {
      const held = deployment.wires.model.impair(impairment);
      return {
        bite: () => ({ bit: held.met() > 0, what: `${held.met()} replies were affected` }),
        [Symbol.asyncDispose]: async () => held[Symbol.dispose](),
      };
    },
  };
}
