/**
 * The history: all events on the wires and of the replicas in one run of one scenario, with one
 * clock and one sequence. An invocation is recorded before it is sent, and a completion after it
 * arrived, so a recorded interval is never shorter than the real one. The checkers are pure
 * functions of a history. Entries are parsed only when they are read from a file.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { experimentName } from "./experiment.ts";
import type { Header } from "./header.ts";
import { tokenSchema as token } from "./token.ts";

const text = z.string();
const maybe = text.nullable();
const count = z.int().nonnegative();
const status = z.int();
/** `q` and `a` tokens of a thread, in order. */
const list = z.array(token);
/** The act of the workload that caused it; absent: the engine caused it. */
const act = count.exactOptional();

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ok"), reply: text }),
  z.object({ kind: z.literal("interrupted"), approval: text }),
  /** No byte was sent, or the service refused and made no model call, tool call or SQL write. */
  z.object({ kind: z.literal("failed"), why: text }),
  /** Everything else: timeout, reset, cut stream, 5xx, kill. The turn may have had an effect. */
  z.object({ kind: z.literal("unknown"), why: text }),
]);
export type Outcome = DeepReadonly<z.infer<typeof outcome>>;

/**
 * Purpose of a turn. `warm-up` turns run on separate threads before the workload, and no checker
 * of memory uses them. The engine sends `last` turns after all faults are healed. A `repeat` asks
 * the agent what it remembers, if nothing else shows it. It counts as a read, not as a message.
 */
const purpose = z.enum(["workload", "warm-up", "last", "repeat"]);
export type Purpose = z.infer<typeof purpose>;

/** A thread may be read through two requests of the configuration: `read` and `secondView`. */
const view = z.enum(["read", "secondView"]);
export type ThreadView = z.infer<typeof view>;

/** Whether a fault had an effect, and which: "pid 4711 died with 1 request in flight". */
export const bite = z.object({ bit: z.boolean(), what: text });
export type Bite = DeepReadonly<z.infer<typeof bite>>;

/** Size of a table. Bytes are stored values after TOAST compression, without index and bloat. */
const tableSize = z.object({ table: text, rows: z.number(), bytes: z.number() });
export type TableSize = DeepReadonly<z.infer<typeof tableSize>>;

/**
 * `warm-up` → `workload` → `healing` (the workload is over, faults are being healed) → `final`
 * (every replica is ready again, and reads show the final state) → `restart` (the engine restarts
 * all replicas: what was acknowledged must still be there, and silent threads may answer again).
 */
const phase = z.enum(["warm-up", "workload", "healing", "final", "restart"]);
export type Phase = z.infer<typeof phase>;

/** `seq` counts from 1 without gaps. `at`: milliseconds since the run began; never decreases. */
const stamp = { seq: z.int().positive(), at: z.number() };

function entryOf<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.object({ kind: z.literal(kind), ...shape, ...stamp });
}

/** A turn has one or more attempts. Each has a begin and, unless the engine crashes, an end. */
const attempts = [
  entryOf("attempt.begin", {
    attempt: text,
    /** The `q` token of the turn, which identifies it: the same in every attempt. */
    turn: token,
    /** The harness's name of the thread and of its conversation, not the service's id. */
    thread: text,
    /** A session; a new one begins after every `unknown`. Session guarantees are per client. */
    client: text,
    /** The request id that was sent; null: the target uses no request id. */
    requestId: maybe,
    // JSON has no undefined: if no thread id was sent at all, the field may be absent.
    /** The service's thread id as sent. */
    threadId: z
      .unknown()
      .optional()
      .transform((id): unknown => id),
    /** False: the service must refuse this thread id. */
    sound: z.boolean(),
    /** The requested replica; null: the ingress chooses. */
    on: maybe,
    purpose,
    /** The tools that the model requests in this turn, by message: see `callsOf`. */
    steps: z.array(text),
    act,
  }),
  entryOf("attempt.end", {
    attempt: text,
    outcome,
    /** The replica that served it, according to the ingress; null: no replica did. */
    replica: maybe,
    status: status.nullable(),
    /** The tokens of the thread that the reply shows; null: it shows no list. */
    list: list.nullable(),
    /** The replicas that answered "no such job" for the job of this attempt; absent: none. */
    deniedBy: z.array(text).exactOptional(),
    /** The service accepted the turn with a receipt; the reply was to come later. */
    accepted: z.literal(true).exactOptional(),
    /** The service itself reported that what it had accepted ended without a reply. */
    gaveUp: z.literal(true).exactOptional(),
    /** For an error: the first line that looks like it in the replica's log since the begin. */
    log: text.exactOptional(),
  }),
] as const;

/** Reads of a thread through its state endpoint. */
const reads = [
  entryOf("read.begin", {
    read: text,
    thread: text,
    view,
    client: text,
    on: maybe,
    /** True after all faults are healed: turns that are missing from this read are lost. */
    final: z.boolean(),
    act,
  }),
  entryOf("read.end", {
    read: text,
    replica: maybe,
    /** Null: the read has no result, and the checkers ignore it. */
    list: list.nullable(),
    /** The tokens in other declared parts of the thread's state; absent: none is declared. */
    channels: z.record(text, list).exactOptional(),
    status: status.nullable(),
    why: maybe,
  }),
  entryOf("thread.deleted", { thread: text, ok: z.boolean(), status: status.nullable() }),
] as const;

const wires = [
  entryOf("model.call", {
    call: text,
    /** The calling replica, known by the called address; "?": replicas share this address. */
    replica: text,
    /** The turn of the call; null: a side call, which is never evidence. */
    turn: token.nullable(),
    /** Number of the model call in the turn's script: tool results after the token, plus 1. */
    ordinal: z.int(),
    /** The tokens before the token of the turn: the agent's memory at this moment. */
    list,
    /**
     * The tokens in system messages, if the list comes from other messages: memories, summaries,
     * retrieved texts. Evidence of a leak, but no part of the thread's list.
     */
    system: list.exactOptional(),
    /** How often the prompt repeats the message of the turn; absent: it is there once. */
    repeats: z.int().positive().exactOptional(),
    /** The prompt shows the newest message first; `list` is in the order of the conversation. */
    newestFirst: z.literal(true).exactOptional(),
    /** Why a real provider would reject this transcript with 400; null: it is well-formed. */
    malformed: maybe,
    transcript: z.array(z.object({ role: text, text })),
  }),
  entryOf("model.answer", {
    call: text,
    status,
    /** The requested tools; empty: the answer is the reply, with its token. */
    tools: z.array(text),
    token: token.nullable(),
    /** The full text of an answer that broke off or stalled midway. */
    brokeOff: text.exactOptional(),
  }),
  entryOf("tool.call", {
    call: text,
    replica: text,
    tool: text,
    turn: token.nullable(),
    /** Position of the tool in the turn's script, from 1; null: the turn is unknown. */
    ordinal: z.int().nullable(),
    /** The idempotency key that was sent; null: no key, so every call is admitted. */
    key: maybe,
  }),
  entryOf("tool.answer", {
    call: text,
    /** True: this call had the effect. False: the key was already admitted. */
    admitted: z.boolean(),
    status,
  }),
  entryOf("statement", {
    replica: text,
    /** The only turn in flight; null: no turn, or several. */
    turn: token.nullable(),
    /** "INSERT checkpoint_blobs", "COMMIT". */
    name: text,
    /** Counts the statements of this name in this attempt of the turn, from 1. */
    ordinal: count,
    attempt: count,
    /** sent: about to reach the server. done: executed. failed: the server reported an error. */
    phase: z.enum(["sent", "done", "failed"]),
    /** Set for a `done` in an open transaction: closing the connection rolls it back. */
    inTransaction: z.literal(true).exactOptional(),
  }),
] as const;

const replicas = [
  entryOf("replica.start", {
    replica: text,
    pid: z.int().nullable(),
    /** Number of the boot in a scenario that boots several times; 0 for the first. */
    boot: count,
    /** Names of the variables that differ from the first start, as in a redeploy. */
    changed: z.array(text),
    /** How far its clock is set ahead, in milliseconds; absent: not at all. */
    clockAheadMs: z.number().exactOptional(),
  }),
  entryOf("replica.ready", { replica: text, afterMs: z.number() }),
  /** The replica did not become ready in time, or it exited before. `why`: its last output. */
  entryOf("replica.unready", {
    replica: text,
    why: text,
    /** The first line of its output that looks like an error; absent: none does. */
    error: text.exactOptional(),
  }),
  entryOf("replica.signal", { replica: text, signal: text }),
  entryOf("replica.exit", {
    replica: text,
    pid: z.int().nullable(),
    code: z.int().nullable(),
    signal: maybe,
    /** True if the harness ended the process: a kill, a stop, a redeploy. */
    asked: z.boolean(),
    /** The first line of its output that looks like an error; absent: none does. */
    error: text.exactOptional(),
    /** Its output from that line on; without such a line its last lines. */
    lastLines: z.array(text),
  }),
] as const;

/**
 * A hold that a turn must reach is recorded as a fault too. If no turn reaches it, the fault has no
 * effect.
 */
const faults = [
  entryOf("fault.begin", {
    fault: text,
    name: text,
    replica: maybe,
    /**
     * Operations that the fault blocks while it is active: the one call that a hold keeps open,
     * every save, every reply of the model, or all traffic of the replica.
     */
    stops: z.enum(["call", "saves", "replies", "network"]).nullable(),
    /** It brings the service errors of its database, or the client leaves. */
    hits: z.enum(["database", "client"]).exactOptional(),
  }),
  entryOf("fault.end", { fault: text, name: text, bite }),
] as const;

const survey = entryOf("survey", {
  /** "before", "after 16 turns", "after delete" … */
  label: text,
  /** Turns on the measured thread so far; null: the survey does not measure growth. */
  turns: count.nullable(),
  /** The thread whose rows `ofThread` counts; null: none, or several. */
  thread: maybe,
  tables: z.array(tableSize),
  /** Per table, the rows that contain the thread's id; null without a thread. */
  ofThread: z.array(tableSize).nullable(),
  /** Blobs and writes without a checkpoint; empty: the table layout is unknown. */
  orphans: z.record(text, z.number()),
});

/** The workload: the scenario's calls on its stage, recorded for replay. */
const acts = [
  entryOf("act", {
    /** Counts the acts of a run, from 1. */
    act: count,
    /** The receiver: "stage", "deployment", "replica a", "c3", or "act 7" for its result. */
    of: text,
    /** "say", "hold", "inject", "dispose" … */
    does: text,
    /** The arguments. A reference replaces an object that is not plain data: `replay/terms.ts`. */
    with: z.array(z.unknown()),
  }),
  entryOf("act.end", {
    act: count,
    /** A primitive result, the kind of an outcome or the name of a conversation; else null. */
    answer: maybe,
    /** The error message; absent: the call succeeded. */
    failed: text.exactOptional(),
  }),
] as const;

/** The engine repeated the workload with one thing changed, after the run. */
const experiment = entryOf("experiment", {
  name: experimentName,
  /** "cut short": it was not over in time, so it says nothing. */
  outcome: z.enum(["violated", "holds", "inconclusive", "cut short"]),
  /** The checkers that were violated again, and the diagnoses there. */
  violated: z.array(text),
  kinds: z.array(text),
  tookMs: z.number(),
});

/** A line of history.jsonl after the header; also the format of the evidence in result.json. */
export const entry = z.discriminatedUnion("kind", [
  ...attempts,
  ...reads,
  ...wires,
  ...replicas,
  ...faults,
  survey,
  ...acts,
  experiment,
  entryOf("phase", { phase }),
]);

export type Entry = DeepReadonly<z.infer<typeof entry>>;

/** An entry without `seq` and `at`, before it is recorded. */
export type Event = Unstamped<Entry>;
type Unstamped<E> = E extends unknown ? Omit<E, keyof typeof stamp> : never;

export interface History {
  readonly header: Header;
  readonly entries: readonly Entry[];
}

export type EntryOf<K extends Entry["kind"]> = Extract<Entry, { kind: K }>;

/** Entries of one kind, typed. */
export function entriesOf<K extends Entry["kind"]>(history: History, kind: K): EntryOf<K>[] {
  return history.entries.filter((it): it is EntryOf<K> => it.kind === kind);
}

/** Records the history of a running scenario. */
export interface Recorder {
  record(event: Event): Entry;
}
