/** What can be wrong with a wire. */
export type Impairment =
  /** Every chunk of bytes arrives so much later, in both directions. */
  | { readonly kind: "latency"; readonly ms: number }
  /** In both directions, each connection by itself. */
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  /** Nothing passes, and nobody is told; once healed it goes on with the same bytes. */
  | { readonly kind: "stall" }
  /** Open connections are reset (RST); new ones too, once they say something. */
  | { readonly kind: "reset" }
  /** Open connections are closed, new ones are refused or closed at once. */
  | { readonly kind: "cut" }
  /** Open connections go on, new ones are closed at once: a server that is full. */
  | { readonly kind: "refuse" };
