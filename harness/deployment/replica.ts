import type { Recorder } from "../history/history.ts";

export type Environment = Readonly<Record<string, string>>;
/** How a recorded act refers to a replica. */
export interface ReplicaReference {
  readonly $: string;
}

export type Signal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

/** One process or container of the target. A restart keeps its address. */
export interface Replica extends AsyncDisposable {
  readonly name: string;
  /** The last result of the ready check. */
  readonly ready: boolean;
  /** False before the first start, and after the end of the process. */
  readonly running: boolean;
  readonly pid: number | null;
  toJSON(): ReplicaReference;
  /**
   * Resolves when it is ready (true); or when it has ended, its time is over, or it has reported
   * for long enough that it is not ready (false).
   */
  start(environment?: Environment, deadline?: StartDeadline): Promise<boolean>;
  /**
   * Resolves when a replica that was ready before is ready again (true); or when it has ended, or
   * its time is over (false). At once if it was never ready.
   */
  recovered(): Promise<boolean>;
  /** Resolves when the signal took effect: for SIGKILL and SIGTERM, when the process has ended. */
  signal(signal: Signal): Promise<void>;
  /**
   * Cuts it off the network while it keeps running; disposing heals it. Only with the capability
   * "isolate".
   */
  isolate(): Promise<AsyncDisposable>;
  /**
   * Sets its clock ahead by this time from its next start on, in milliseconds; 0: the machine's
   * clock. Only with the capability "clock".
   */
  setClock(aheadMs: number): void;
  /**
   * How far its clock is ahead of ours in milliseconds, to a second, by the Date header of its
   * ready check; null: no answer, or no such header.
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

/** How to start a replica. */
export interface Launch {
  readonly name: string;
  /** Counts the boots of a deployment, from 0. */
  readonly boot: number;
  /** Values of the template variables, all but the port. */
  readonly names: Readonly<Record<string, string>>;
  /** On top of the target's environment. */
  readonly environment: Environment;
  readonly recorder: Recorder;
  /**
   * Statements are inspected: after it is ready, the ready check is not polled any more, because it
   * may query the database.
   */
  readonly isWatched?: boolean;
}
