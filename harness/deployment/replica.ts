import type { Recorder } from "../history/history.ts";

export type Environment = Readonly<Record<string, string>>;
/** How a recorded act refers to a replica. */
export interface ReplicaReference {
  readonly $: string;
}

export type Signal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

/** One process or container of the target. Its address stays the same when it is started again. */
export interface Replica extends AsyncDisposable {
  readonly name: string;
  /** The ready check, as the ingress saw it last. */
  readonly ready: boolean;
  /** False before the first start, and after the end of the process. */
  readonly running: boolean;
  readonly pid: number | null;
  toJSON(): ReplicaReference;
  /**
   * Resolves once it is ready (true); or once it has ended, or the target's time is over, or it has
   * said for long enough that it is not ready (false).
   */
  start(environment?: Environment, deadline?: StartDeadline): Promise<boolean>;
  /**
   * Resolves once one that was ready, in this life or before, is so again (true); or once it has
   * ended, or the target's time is over (false). At once for one that never was.
   */
  recovered(): Promise<boolean>;
  /** Resolves once it has taken effect: after SIGKILL and SIGTERM, once the process has ended. */
  signal(signal: Signal): Promise<void>;
  /**
   * Cuts it off from everything: nothing reaches it, it reaches nothing, but it lives. Healed by
   * disposing of what comes back. Only with the capability "isolate".
   */
  isolate(): Promise<AsyncDisposable>;
  /**
   * From its next start on its clock is ahead by so many milliseconds; 0: as the machine's is. Only
   * with the capability "clock".
   */
  setClock(aheadMs: number): void;
  /**
   * By how many milliseconds its clock is ahead of ours, to a second, as the answer of its ready
   * check is dated; null: it has no date, or there was none.
   */
  clockAheadMs(): Promise<number | null>;
}

/** How long a replica may take to become ready; by default the target's time, from its start. */
export interface StartDeadline {
  /** The longest time that it may report "not ready", in milliseconds, once it answers at all. */
  readonly saysNotMs?: number | undefined;
  /** The harness holds the replica until this resolves: its time begins only then. */
  readonly heldUntil?: Promise<unknown> | undefined;
}

/** How a replica is to be started. */
export interface Launch {
  readonly name: string;
  /** Counts the boots of a deployment, from 0. */
  readonly boot: number;
  /** Values of the target's templates, all but the port. */
  readonly names: Readonly<Record<string, string>>;
  /** On top of the target's own. */
  readonly environment: Environment;
  readonly recorder: Recorder;
  /**
   * Its statements are counted: once it is ready nobody looks at its ready check any more, because
   * that may ask the database.
   */
  readonly isWatched?: boolean;
}
