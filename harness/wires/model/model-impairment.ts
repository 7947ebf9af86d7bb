/** What is wrong with the replies of the model. */
export type ModelImpairment =
  /** In place of a reply an error of this status; 429 says to come back after a second. */
  | { readonly kind: "status"; readonly status: number }
  /** Half of a reply, and then a reset. */
  | { readonly kind: "cut" }
  /** Half of a reply, and then an end as if that were all: so a gateway ends what it gives up. */
  | { readonly kind: "short" }
  /** Half of a reply, and the rest when it is healed. */
  | { readonly kind: "stall" }
  /** No byte of a reply until it is healed. */
  | { readonly kind: "silence" };

/** One that is held. Disposed of, it is healed. */
export interface ImpairedModel extends Disposable {
  /** How many replies it has met. */
  met(): number;
}

interface Held {
  readonly impairment: ModelImpairment;
  readonly healed: PromiseWithResolvers<void>;
  met: number;
}

/** What a reply meets: it is counted. */
export interface Met {
  readonly impairment: ModelImpairment;
  readonly healed: Promise<void>;
}

/**
 * What is wrong with the model, for all replicas alike: there is one provider. Only what would be
 * the reply to a turn meets it; a tool that its script asks for is asked for. So a turn is caught
 * when what its tools do is done, and a service without tools is caught as well.
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

  /** The last that is held, met by one more reply; null: nothing is wrong. */
  meet(): Met | null {
    const held = this.#held.at(-1);
    if (held === undefined) return null;
    held.met += 1;
    return { impairment: held.impairment, healed: held.healed.promise };
  }
}
