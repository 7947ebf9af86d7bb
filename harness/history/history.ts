/**
 * The history: everything that happened on a wire, or to a replica, in one run of one scenario.
 * One clock, one sequence. An invocation is recorded before it is sent, a completion after it
 * arrived, so an interval never claims to be shorter than it was. Judgement is a pure function
 * of this file's types.
 */

import type { Level } from "./level.ts";
import type { Token } from "./token.ts";

/** What a deployment can do; a scenario or checker that needs more is not run, with the reason. */
export const capabilities = [
  "replicas", // two replicas behind one ingress
  "kill", // SIGKILL, and start again
  "terminate", // SIGTERM
  "pause", // SIGSTOP and SIGCONT
  "isolate", // cut off the network, alive
  "clock", // the clock of one replica can be set ahead
  "boot", // start replicas at a chosen moment, on a chosen database
  "model", // the model wire is ours: transcripts are seen, answers scripted
  "model-hold", // a model answer can be held open
  "tools", // the tool ledger is ours
  "state", // there is a request that reads a thread
  "channels", // that request shows more of a thread's state than its messages
  "delete", // there is a request that deletes a thread
  "database", // the database is ours: cloned, locked, given triggers
  "database-cut", // all replicas can be cut off their database, and healed
  "statements", // each statement on the database wire is seen, and can be held
  "database-restart", // its server can be ended and started again
  "survey", // what is stored can be looked at: tables, rows, bytes
  "retry", // the target declares how a turn is retried
] as const;
export type Capability = (typeof capabilities)[number];

/** What the owner of the target promises; part of the header, because judgement depends on it. */
export interface Promises {
  readonly memory: {
    /** The promised level: a break of it, or of a level that it implies, is a violation. */
    readonly level: Level;
    /** Turns that the agent shows its model; null: all of them. */
    readonly window: number | null;
  };
  /** What a second turn on a busy thread gets. */
  readonly concurrency: "reject" | "enqueue" | "interrupt" | "none";
  /**
   * From the first attempt on a thread after everything was healed to the first that is answered
   * with `ok`, in milliseconds, each from its beginning.
   */
  readonly recoveryMs: number;
  /**
   * From the beginning of an attempt to its end, in milliseconds, while the database cannot save,
   * or the model does not reply: with an error, but not without an answer.
   */
  readonly answerMs: number;
  /** From SIGTERM to the end of the process, in milliseconds. */
  readonly drainMs: number;
  /** How storage may grow with the number of turns on one thread. */
  readonly growth: {
    readonly bytes: "linear" | "quadratic";
    /** Budgets; null: none. */
    readonly bytesPerTurn: number | null;
    readonly rowsPerTurn: number | null;
  };
}

export interface Header {
  readonly schemaVersion: 2;
  /** Identifies this run of a scenario within a whole run: "round-robin/reference/memory-saver". */
  readonly run: string;
  readonly scenario: string;
  readonly target: string;
  /** The variant's name, or null for the plain target. */
  readonly variant: string | null;
  readonly backend: string;
  readonly seed: number;
  /** Names of the replicas: "a", "b", … */
  readonly replicas: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly promises: Promises;
  /** Versions as installed: node, postgres, each langgraph package. */
  readonly versions: Readonly<Record<string, string>>;
  /** ISO 8601, wall clock, for people only: `at` of the entries never comes from it. */
  readonly startedAt: string;
  /** True in the repetition of a violation with a single replica. */
  readonly control: boolean;
}

/** One tool call of a turn's script. */
export interface ScriptedCall {
  readonly tool: string;
  /** The model call that asks for it, from 1. */
  readonly askedBy: number;
}

/**
 * The tool calls of a script, in order. A step is what one message of the model asks for: a tool,
 * or several at once, joined by "+", which no provider allows in a name.
 */
export function callsOf(steps: readonly string[]): ScriptedCall[] {
  return steps.flatMap((step, i) => step.split("+").map((tool) => ({ tool, askedBy: i + 1 })));
}

export type Outcome =
  | { readonly kind: "ok"; readonly reply: string }
  | { readonly kind: "interrupted"; readonly approval: string }
  /** No byte was sent, or a declared refusal and no model, tool or SQL write of this attempt. */
  | { readonly kind: "failed"; readonly why: string }
  /** Everything else: time-out, reset, cut stream, 5xx, killed. It may have happened. */
  | { readonly kind: "unknown"; readonly why: string };

/** What a fault met. A fault that bit nothing makes the verdict inconclusive. */
export interface Bite {
  readonly bit: boolean;
  /** "pid 4711 died with 1 request in flight", "book was in flight on a" … */
  readonly what: string;
}

/** Size of a table. Bytes are the stored values as compressed by TOAST, without index or bloat. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * What a turn was for. `warm-up` turns run on threads of their own before the workload and are
 * never judged for memory; `last` turns are the engine's after everything is healed. A `repeat`
 * asks what the agent was told, where nothing else shows it: it is a look at the thread, and no
 * message of it.
 */
export type Purpose = "workload" | "warm-up" | "last" | "repeat";

export type Event =
  // Conversations. A turn has one or more attempts; each attempt begins and, if the engine lives,
  // ends.
  | {
      readonly kind: "attempt.begin";
      readonly attempt: string;
      /** The `q` token of the turn, which is its name: the same in every attempt. */
      readonly turn: Token;
      /** The harness's name of the thread and of its conversation, not the service's id. */
      readonly thread: string;
      /** A session: a fresh one after every `unknown`. Session guarantees are per client. */
      readonly client: string;
      /** The request id that was sent; null where the target has none. */
      readonly requestId: string | null;
      /** The service's thread id as sent; `sound: false` when it is one that must be refused. */
      readonly threadId: unknown;
      readonly sound: boolean;
      /** The replica that was asked for; null: the ingress chose. */
      readonly on: string | null;
      readonly purpose: Purpose;
      /** What the model asks for in this turn, message by message: see `callsOf`. */
      readonly steps: readonly string[];
      /** The act of the workload that it belongs to; absent: it is the engine's own. */
      readonly act?: number;
    }
  | {
      readonly kind: "attempt.end";
      readonly attempt: string;
      readonly outcome: Outcome;
      /** Who served it, as the ingress saw; null: nobody. */
      readonly replica: string | null;
      readonly status: number | null;
      /** `q` and `a` tokens of the thread, where the reply shows what is remembered; else null. */
      readonly list: readonly Token[] | null;
      /** Who said of the job that was asked for that there is none; absent: nobody. */
      readonly deniedBy?: readonly string[];
    }
  // Reads of a thread through its state endpoint.
  | {
      readonly kind: "read.begin";
      readonly read: string;
      readonly thread: string;
      readonly client: string;
      readonly on: string | null;
      /** True for the reads after everything is healed: what is missing here is lost. */
      readonly final: boolean;
      readonly act?: number;
    }
  | {
      readonly kind: "read.end";
      readonly read: string;
      readonly replica: string | null;
      /** `q` and `a` tokens in order; null: the read is unknown and is dropped. */
      readonly list: readonly Token[] | null;
      /** What else of the thread's state it shows: the tokens in each; absent: none is declared. */
      readonly channels?: Readonly<Record<string, readonly Token[]>>;
      readonly status: number | null;
      readonly why: string | null;
    }
  | {
      readonly kind: "thread.deleted";
      readonly thread: string;
      readonly ok: boolean;
      readonly status: number | null;
    }
  // The model wire.
  | {
      readonly kind: "model.call";
      readonly call: string;
      /** The executor, known by the address that was called; "?": replicas share that one. */
      readonly replica: string;
      /** The turn that it belongs to; null: a side call, never evidence. */
      readonly turn: string | null;
      /**
       * Which model call of the turn's script this is: tool results after the turn's token, plus
       * one.
       */
      readonly ordinal: number;
      /**
       * `q` and `a` tokens before the turn's own token: what the agent remembers at this moment.
       */
      readonly list: readonly Token[];
      /** Why a real provider would answer 400 to this transcript; null where it is well formed. */
      readonly malformed: string | null;
      readonly transcript: readonly { readonly role: string; readonly text: string }[];
    }
  | {
      readonly kind: "model.answer";
      readonly call: string;
      readonly status: number;
      /** The tools asked for, or none and then the reply's token. */
      readonly tools: readonly string[];
      readonly token: Token | null;
      /** What it would have said, where it broke off or stalled in its middle. */
      readonly brokeOff?: string;
    }
  // The tools wire.
  | {
      readonly kind: "tool.call";
      readonly call: string;
      readonly replica: string;
      readonly tool: string;
      readonly turn: string | null;
      /** The tool's place in the turn's script, from 1; null where the turn is not known. */
      readonly ordinal: number | null;
      /** The idempotency key that was sent; null: none, so every call is admitted. */
      readonly key: string | null;
    }
  | {
      readonly kind: "tool.answer";
      readonly call: string;
      /** True: the effect happened now. False: the key had been admitted before. */
      readonly admitted: boolean;
      readonly status: number;
    }
  // The database wire, where statements are watched.
  | {
      readonly kind: "statement";
      readonly replica: string;
      /** The only turn in flight; null: there was none, or several. */
      readonly turn: string | null;
      /** "INSERT checkpoint_blobs", "COMMIT". */
      readonly name: string;
      /** Counts the statements of this name in this attempt of the turn, from 1. */
      readonly ordinal: number;
      readonly attempt: number;
      /** sent: it is about to reach the server · done: the server has executed it, or failed to. */
      readonly phase: "sent" | "done" | "failed";
      /** Done, in a transaction that is open: the end of its connection undoes it. */
      readonly inTransaction?: true;
    }
  // Replicas.
  | {
      readonly kind: "replica.start";
      readonly replica: string;
      readonly pid: number | null;
      /** Counts the boots of a scenario that boots several times; 0 for the first. */
      readonly boot: number;
      /** Names of the variables that differ from the first start: a redeploy. */
      readonly changed: readonly string[];
      /** By how much its clock was set ahead, in milliseconds; absent: it is as it is. */
      readonly clockAheadMs?: number;
    }
  | { readonly kind: "replica.ready"; readonly replica: string; readonly afterMs: number }
  | {
      /** It did not become ready in time, or it ended before; `why` is its last word. */
      readonly kind: "replica.unready";
      readonly replica: string;
      readonly why: string;
    }
  | { readonly kind: "replica.signal"; readonly replica: string; readonly signal: string }
  | {
      readonly kind: "replica.exit";
      readonly replica: string;
      readonly pid: number | null;
      readonly code: number | null;
      readonly signal: string | null;
      /** True where the harness had asked for it: a kill, a stop, a redeploy. */
      readonly asked: boolean;
      readonly lastLines: readonly string[];
    }
  // Faults. A hold that must be reached is recorded as a fault too: not reached, it bit nothing.
  | {
      readonly kind: "fault.begin";
      readonly fault: string;
      readonly name: string;
      readonly replica: string | null;
      /**
       * What does not happen while the fault is held: the one call that a hold keeps open, every
       * save, every reply of the model, or all traffic of the replica.
       */
      readonly stops: "call" | "saves" | "replies" | "network" | null;
    }
  | {
      readonly kind: "fault.end";
      readonly fault: string;
      readonly name: string;
      readonly bite: Bite;
    }
  // The database.
  | {
      readonly kind: "survey";
      /** "before", "after 16 turns", "after delete" … */
      readonly label: string;
      /** Turns on the measured thread so far; null where the survey is not about growth. */
      readonly turns: number | null;
      /** The thread whose rows are counted in `ofThread`; null: none, or several. */
      readonly thread: string | null;
      readonly tables: readonly TableSize[];
      /** Of each table the rows that mention a thread's id; null without a thread. */
      readonly ofThread: readonly TableSize[] | null;
      /**
       * Blobs that no checkpoint refers to, writes without a checkpoint; empty where the layout is
       * not known.
       */
      readonly orphans: Readonly<Record<string, number>>;
    }
  // The workload: what the scenario did on its stage, so that it can be done again.
  | {
      readonly kind: "act";
      /** Counts the acts of a run, from 1. */
      readonly act: number;
      /** Whose: "stage", "deployment", "replica a", "c3", or "act 7" for what that one gave. */
      readonly of: string;
      /** "say", "hold", "inject", "dispose" … */
      readonly does: string;
      /** What it was given; what is no plain data is referred to, see `replay/terms.ts`. */
      readonly with: readonly unknown[];
    }
  | {
      readonly kind: "act.end";
      readonly act: number;
      /** A plain answer, the kind of an outcome, the name of a conversation; else null. */
      readonly answer: string | null;
      /** Why it failed; absent: it did not. */
      readonly failed?: string;
    }
  | { readonly kind: "phase"; readonly phase: Phase };

/**
 * `warm-up` → `workload` → `healing` (the workload is over, faults are being healed) → `final`
 * (every replica is ready again; what is read from here on is what is left) → `restart`, only
 * where a thread has not answered: the engine starts all replicas again, to see if that helps.
 */
export type Phase = "warm-up" | "workload" | "healing" | "final" | "restart";

/** `seq` counts from 1 without gaps; `at` is milliseconds since the run began, never decreasing. */
export type Entry = Event & { readonly seq: number; readonly at: number };

export interface History {
  readonly header: Header;
  readonly entries: readonly Entry[];
}

export type EntryOf<K extends Event["kind"]> = Extract<Entry, { kind: K }>;

/** Entries of one kind, typed. */
export function entriesOf<K extends Event["kind"]>(history: History, kind: K): EntryOf<K>[] {
  return history.entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
}

/** Writes a history while the run goes on. */
export interface Recorder {
  record(event: Event): Entry;
}
