/**
 * The history: everything that happened on a wire, or to a replica, in one run of one scenario.
 * One clock, one sequence. An invocation is recorded before it is sent, a completion after it
 * arrived, so an interval never claims to be shorter than it was. Judgement is a pure function
 * of it. An entry is parsed only where it is read from a file.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import type { Header } from "./header.ts";
import { tokenSchema as token } from "./token.ts";

const text = z.string();
const maybe = text.nullable();
const count = z.int().nonnegative();
const status = z.int();
/** `q` and `a` tokens of a thread, in order. */
const list = z.array(token);
/** The act of the workload that it belongs to; absent: the engine did it by itself. */
const act = count.exactOptional();

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ok"), reply: text }),
  z.object({ kind: z.literal("interrupted"), approval: text }),
  /** No byte was sent, or a declared refusal and no model, tool or SQL write of this attempt. */
  z.object({ kind: z.literal("failed"), why: text }),
  /** Everything else: time-out, reset, cut stream, 5xx, killed. It may have happened. */
  z.object({ kind: z.literal("unknown"), why: text }),
]);
export type Outcome = DeepReadonly<z.infer<typeof outcome>>;

/**
 * What a turn is for. `warm-up` turns run on threads of their own before the workload, and memory
 * is never judged by them; `last` turns are the engine's after everything is healed. A `repeat`
 * asks the agent for what it was told, if nothing else shows it: it reads the thread and is no
 * message of it.
 */
const purpose = z.enum(["workload", "warm-up", "last", "repeat"]);
export type Purpose = z.infer<typeof purpose>;

/** A thread may be read through two requests of the configuration: `read` and `secondView`. */
const view = z.enum(["read", "secondView"]);
export type ThreadView = z.infer<typeof view>;

/** Whether a fault had an effect, and on what: "pid 4711 died with 1 request in flight". */
export const bite = z.object({ bit: z.boolean(), what: text });
export type Bite = DeepReadonly<z.infer<typeof bite>>;

/** Size of a table. Bytes are the stored values as compressed by TOAST, without index or bloat. */
const tableSize = z.object({ table: text, rows: z.number(), bytes: z.number() });
export type TableSize = DeepReadonly<z.infer<typeof tableSize>>;

/**
 * `warm-up` → `workload` → `healing` (the workload is over, faults are being healed) → `final`
 * (every replica is ready again; what is read from here on is what is left) → `restart`, only
 * if a thread has not answered: the engine starts all replicas again, to see if that helps.
 */
const phase = z.enum(["warm-up", "workload", "healing", "final", "restart"]);
export type Phase = z.infer<typeof phase>;

/** `seq` counts from 1 without gaps; `at` is milliseconds since the run began, never decreasing. */
const stamp = { seq: z.int().positive(), at: z.number() };

function entryOf<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.object({ kind: z.literal(kind), ...shape, ...stamp });
}

/** A turn has one or more attempts; each begins and, if the engine lives, ends. */
const attempts = [
  entryOf("attempt.begin", {
    attempt: text,
    /** The `q` token of the turn, which is its name: the same in every attempt. */
    turn: token,
    /** The harness's name of the thread and of its conversation, not the service's id. */
    thread: text,
    /** A session: a fresh one after every `unknown`. Session guarantees are per client. */
    client: text,
    /** The request id that was sent; null: the target has none. */
    requestId: maybe,
    // JSON has no undefined: if no thread id was sent at all, the field may be absent.
    /** The service's thread id as sent. */
    threadId: z
      .unknown()
      .optional()
      .transform((id): unknown => id),
    /** False: the thread id is one that must be refused. */
    sound: z.boolean(),
    /** The replica that was asked for; null: the ingress chose. */
    on: maybe,
    purpose,
    /** What the model asks for in this turn, message by message: see `callsOf`. */
    steps: z.array(text),
    act,
  }),
  entryOf("attempt.end", {
    attempt: text,
    outcome,
    /** The replica that served it, as the ingress saw; null: none did. */
    replica: maybe,
    status: status.nullable(),
    /** What the reply shows of the thread; null: it shows nothing. */
    list: list.nullable(),
    /** The replicas that said that the job of this attempt does not exist; absent: none. */
    deniedBy: z.array(text).exactOptional(),
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
    /** True for the reads after everything is healed: what is missing here is lost. */
    final: z.boolean(),
    act,
  }),
  entryOf("read.end", {
    read: text,
    replica: maybe,
    /** Null: the read is unknown and is dropped. */
    list: list.nullable(),
    /** Other parts of the thread's state, with the tokens in each; absent: none is declared. */
    channels: z.record(text, list).exactOptional(),
    status: status.nullable(),
    why: maybe,
  }),
  entryOf("thread.deleted", { thread: text, ok: z.boolean(), status: status.nullable() }),
] as const;

const wires = [
  entryOf("model.call", {
    call: text,
    /** The executor, known by the address that was called; "?": replicas share that one. */
    replica: text,
    /** The turn that it belongs to; null: a side call, never evidence. */
    turn: token.nullable(),
    /** Which model call of the turn's script it is: tool results after the turn's token, plus 1. */
    ordinal: z.int(),
    /** The tokens before the turn's own: what the agent remembers at this moment. */
    list,
    /** Why a real provider would answer 400 to this transcript; null: it is well formed. */
    malformed: maybe,
    transcript: z.array(z.object({ role: text, text })),
  }),
  entryOf("model.answer", {
    call: text,
    status,
    /** The tools asked for; empty: it is the reply, with its token. */
    tools: z.array(text),
    token: token.nullable(),
    /** What it would have said, if it broke off or stalled in its middle. */
    brokeOff: text.exactOptional(),
  }),
  entryOf("tool.call", {
    call: text,
    replica: text,
    tool: text,
    turn: token.nullable(),
    /** The tool's place in the turn's script, from 1; null: the turn is not known. */
    ordinal: z.int().nullable(),
    /** The idempotency key that was sent; null: none, so every call is admitted. */
    key: maybe,
  }),
  entryOf("tool.answer", {
    call: text,
    /** True: the effect happened now. False: the key had been admitted before. */
    admitted: z.boolean(),
    status,
  }),
  entryOf("statement", {
    replica: text,
    /** The only turn in flight; null: there was none, or several. */
    turn: token.nullable(),
    /** "INSERT checkpoint_blobs", "COMMIT". */
    name: text,
    /** Counts the statements of this name in this attempt of the turn, from 1. */
    ordinal: count,
    attempt: count,
    /** sent: it is about to reach the server · done: the server has executed it, or failed to. */
    phase: z.enum(["sent", "done", "failed"]),
    /** Done, in a transaction that is open: the end of its connection undoes it. */
    inTransaction: z.literal(true).exactOptional(),
  }),
] as const;

const replicas = [
  entryOf("replica.start", {
    replica: text,
    pid: z.int().nullable(),
    /** Counts the boots of a scenario that boots several times; 0 for the first. */
    boot: count,
    /** Names of the variables that differ from the first start: a redeploy. */
    changed: z.array(text),
    /** By how much its clock was set ahead, in milliseconds; absent: it was not. */
    clockAheadMs: z.number().exactOptional(),
  }),
  entryOf("replica.ready", { replica: text, afterMs: z.number() }),
  /** It did not become ready in time, or it ended before; `why` is its last word. */
  entryOf("replica.unready", { replica: text, why: text }),
  entryOf("replica.signal", { replica: text, signal: text }),
  entryOf("replica.exit", {
    replica: text,
    pid: z.int().nullable(),
    code: z.int().nullable(),
    signal: maybe,
    /** True if the harness ended it: a kill, a stop, a redeploy. */
    asked: z.boolean(),
    lastLines: z.array(text),
  }),
] as const;

/**
 * A hold that must be reached is recorded as a fault too: if it is not, the fault has no effect.
 */
const faults = [
  entryOf("fault.begin", {
    fault: text,
    name: text,
    replica: maybe,
    /**
     * What does not happen while the fault is held: the one call that a hold keeps open, every
     * save, every reply of the model, or all traffic of the replica.
     */
    stops: z.enum(["call", "saves", "replies", "network"]).nullable(),
  }),
  entryOf("fault.end", { fault: text, name: text, bite }),
] as const;

const survey = entryOf("survey", {
  /** "before", "after 16 turns", "after delete" … */
  label: text,
  /** Turns on the measured thread so far; null: the survey is not about growth. */
  turns: count.nullable(),
  /** The thread whose rows are counted in `ofThread`; null: none, or several. */
  thread: maybe,
  tables: z.array(tableSize),
  /** Of each table the rows that mention a thread's id; null without a thread. */
  ofThread: z.array(tableSize).nullable(),
  /** Blobs without a checkpoint, writes without a checkpoint; empty: the layout is not known. */
  orphans: z.record(text, z.number()),
});

/** The workload: what the scenario did on its stage, so that it can be done again. */
const acts = [
  entryOf("act", {
    /** Counts the acts of a run, from 1. */
    act: count,
    /** Whose: "stage", "deployment", "replica a", "c3", or "act 7" for what that one gave. */
    of: text,
    /** "say", "hold", "inject", "dispose" … */
    does: text,
    /** What it was given; what is no plain data is referred to, see `replay/terms.ts`. */
    with: z.array(z.unknown()),
  }),
  entryOf("act.end", {
    act: count,
    /** A plain answer, the kind of an outcome, the name of a conversation; else null. */
    answer: maybe,
    /** Why it failed; absent: it did not. */
    failed: text.exactOptional(),
  }),
] as const;

/** A line of history.jsonl after the header, and the evidence in result.json. */
export const entry = z.discriminatedUnion("kind", [
  ...attempts,
  ...reads,
  ...wires,
  ...replicas,
  ...faults,
  survey,
  ...acts,
  entryOf("phase", { phase }),
]);

export type Entry = DeepReadonly<z.infer<typeof entry>>;

/** What happened, before it has its place in the sequence. */
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

/** Writes a history while the run goes on. */
export interface Recorder {
  record(event: Event): Entry;
}
