import type { Deployment } from "../deployment/deployment.ts";
import type { Fault, HeldFault } from "../deployment/fault.ts";
import type { Recording } from "../history/recording.ts";

/** The faults of one run: injects them, records them, and heals what is still held at the end. */
export class Injections {
  readonly #deployment: Deployment;
  readonly #recorder: Recording;
  readonly #held = new Set<AsyncDisposable>();
  #count = 0;

  constructor(deployment: Deployment, recorder: Recording) {
    this.#deployment = deployment;
    this.#recorder = recorder;
  }

  inject<Held extends HeldFault>(fault: Fault<Held>): Promise<Held> {
    const injecting = this.#inject(fault);
    // Mark the promise handled: it may reject before the caller awaits it.
    injecting.catch(() => {});
    return injecting;
  }

  /** Heals what is still held, the last injected first. */
  async heal(): Promise<void> {
    for (const held of [...this.#held].toReversed()) await held[Symbol.asyncDispose]();
  }

  async #inject<Held extends HeldFault>(fault: Fault<Held>): Promise<Held> {
    const { name, replica, stops = null, hits } = fault;
    if (this.#recorder.header.experiment === "without the fault") return notInjected<Held>();
    this.#count += 1;
    const id = `fault ${this.#count}`;
    this.#recorder.record({
      kind: "fault.begin",
      fault: id,
      name,
      replica,
      stops,
      ...(hits && { hits }),
    });
    const inner = await fault.inject(this.#deployment);
    const held: Held = {
      ...inner,
      [Symbol.asyncDispose]: async () => {
        if (!this.#held.delete(held)) return;
        await inner[Symbol.asyncDispose]();
        this.#recorder.record({ kind: "fault.end", fault: id, name, bite: inner.bite() });
      },
    };
    this.#held.add(held);
    return held;
  }
}

/** Replaces a fault in an experiment without it: it is neither injected nor recorded. */
function notInjected<Held extends HeldFault>(): Held {
  const nothing: HeldFault = {
    bite: () => ({ bit: false, what: "it was left out" }),
    reached: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return nothing as Held;
}
