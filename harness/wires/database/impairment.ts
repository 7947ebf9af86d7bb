/** How a wire is impaired. */
export type Impairment =
  /** Every chunk of bytes is delayed by this time, in both directions. */
  | { readonly kind: "latency"; readonly ms: number }
  /** The bandwidth of each connection, in both directions. */
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  /** Nothing passes, silently; when healed it goes on with the same bytes. */
  | { readonly kind: "stall" }
  /** Open connections are reset (RST); new ones as soon as they send something. */
  | { readonly kind: "reset" }
  /** Open connections are closed; new ones are refused or closed at once. */
  | { readonly kind: "cut" }
  /** Open connections go on; new ones are closed at once: a server that is full. */
  | { readonly kind: "refuse" };
