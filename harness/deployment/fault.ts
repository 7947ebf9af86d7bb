import type { Bite } from "../history/history.ts";
import type { Deployment } from "./deployment.ts";

/** A fault in effect. `bite` returns what it affected; dispose heals it. */
export interface HeldFault extends AsyncDisposable {
  bite(): Bite;
  /** Resolves when the fault has taken effect, if that takes an event; at a deadline otherwise. */
  reached?(): Promise<unknown>;
}

/** What a fault does: one file in `faults/` each. */
export interface Injection<Held extends HeldFault = HeldFault> {
  /** For reports: "kill a". */
  readonly name: string;
  /** The replica it targets; null: another part. */
  readonly replica: string | null;
  /**
   * For an outage: during it no save succeeds, no model reply is sent, or no byte passes.
   */
  readonly stops?: "saves" | "replies" | "network";
  /** Set if it brings the service errors of its database, or if the client leaves. */
  readonly hits?: "database" | "client";
  inject(deployment: Deployment): Promise<Held>;
}

/** An injection that knows how it was made, so that a replay can make it again. */
export interface Fault<Held extends HeldFault = HeldFault> extends Injection<Held> {
  readonly kind: string;
  /** Plain data, replicas, conversations, turns. */
  readonly args: readonly unknown[];
}

/** A function that makes faults of one kind: `kill(replica)`. */
export interface FaultMaker<
  Kind extends string,
  Args extends unknown[],
  Held extends HeldFault = HeldFault,
> {
  (...args: Args): Fault<Held>;
  readonly kind: Kind;
}

/** Defines a kind of fault. `kind` is the name under which `faults/registry.ts` exports it. */
export function defineFault<
  const Kind extends string,
  Args extends unknown[],
  Held extends HeldFault,
>(kind: Kind, make: (...args: Args) => Injection<Held>): FaultMaker<Kind, Args, Held> {
  return Object.assign((...args: Args): Fault<Held> => ({ kind, args, ...make(...args) }), {
    kind,
  });
}
