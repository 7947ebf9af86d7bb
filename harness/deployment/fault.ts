import type { Deployment } from "./deployment.ts";
import type { Bite } from "../history/history.ts";
import type { Made } from "./made.ts";

/** A fault that is held. `bite` tells whether it met anything; to dispose of it is to heal it. */
export interface HeldFault extends AsyncDisposable {
  bite(): Bite;
}

/** Something bad, that can be injected. */
export interface Fault<Held extends HeldFault = HeldFault> {
  readonly name: string;
  /** The replica that it is about; null: another part. */
  readonly replica: string | null;
  /** For an outage: while it is held nothing can be saved, or the model gives no reply. */
  readonly stops?: "saves" | "replies";
  /** How a replay makes it again; without it a run with this fault cannot be replayed. */
  readonly made?: Made;
  inject(deployment: Deployment): Promise<Held>;
}
