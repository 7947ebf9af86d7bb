import type { Where } from "./points.ts";

/** What became of a turn that was killed at one point. */
export interface PointResult {
  /** "before INSERT checkpoint_blobs 2", "after model call 1", "after COMMIT 3". */
  readonly name: string;
  readonly where: Where;
  /** The client had its answer before: what the service saves after it has replied. */
  readonly replied: boolean;
  /** inconclusive: it was not reached, for one. */
  readonly verdict: "holds" | "violated" | "inconclusive";
  /** The first cause; null: none. */
  readonly diagnosis: string | null;
  readonly because: string | null;
  readonly remedy: string | null;
  /** Kinds of what was done twice. */
  readonly repeated: readonly string[];
  /** Kinds of what was lost, torn, or never answered. */
  readonly lost: readonly string[];
  /** The command that repeats this point. */
  readonly repeat: string;
}

/** A turn taken apart. */
export interface SweepReport {
  readonly schemaVersion: 1;
  readonly target: string;
  readonly variant: string | null;
  readonly steps: readonly string[];
  readonly seed: number;
  /** Each with a second kill during the recovery. */
  readonly double: boolean;
  /** How many points the turn has, be they swept or not. */
  readonly turnPoints: number;
  readonly points: readonly PointResult[];
  readonly durationMs: number;
  readonly versions: Readonly<Record<string, string>>;
}
