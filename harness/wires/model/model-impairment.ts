/** How the model's replies are impaired. */
export type ModelImpairment =
  /** An error of this status instead of a reply; 429 asks to retry after a second. */
  | { readonly kind: "status"; readonly status: number }
  /** Half of a reply, then a reset. */
  | { readonly kind: "cut" }
  /** Half of a reply, then a regular end, as a gateway ends a stream that it gives up. */
  | { readonly kind: "short" }
  /** Half of a reply; the rest follows when the impairment is healed. */
  | { readonly kind: "stall" }
  /** No byte of a reply until the impairment is healed. */
  | { readonly kind: "silence" };

/** An impairment in effect; disposing heals it. */
export interface ImpairedModel extends Disposable {
  /** The number of replies that it impaired. */
  met(): number;
}

interface Held {
  readonly impairment: ModelImpairment;
  readonly healed: PromiseWithResolvers<void>;
  met: number;
}

/** The impairment of one reply. */
export interface Met {
  readonly impairment: ModelImpairment;
  readonly healed: Promise<void>;
}

/**
 * Impairments of the model, for all replicas alike: there is one provider. They affect only the
 * reply to a turn, not the tool calls of its script. So a turn is caught after its tools have
 * acted, and a service without tools is caught as well.
 */
export class ModelImpairments {
  readonly #held: Held[] = [];

  impair(impairment: ModelImpairment): ImpairedModel {
    const held: Held = { impairment, healed: Promise.withResolvers(), met: 0 };
    this.#held.push(held);
    return {
      met: () => held.met,
      [Symbol.dispose]: () => {
        const place = this.#held.indexOf(held);
        if (place >= 0) this.#held.splice(place, 1);
        held.healed.resolve();
      },
    };
  }

  /** The impairment of the next reply, the last one injected; null: none. */
  meet(): Met | null {
    const held = this.#held.at(-1);
    if (held === undefined) return null;
    held.met += 1;
    return { impairment: held.impairment, healed: held.healed.promise };
  }
}
