/** The entries of a history as JSON: the evidence in result.json, the lines of history.jsonl. */
import { z } from "zod";
import { capabilities, type Entry } from "./history.ts";
import { levels } from "./level.ts";

const text = z.string();
const maybe = text.nullable();
const count = z.int().nonnegative();
const tokens = z.array(text);
const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ok"), reply: text }),
  z.object({ kind: z.literal("interrupted"), approval: text }),
  z.object({ kind: z.literal("failed"), why: text }),
  z.object({ kind: z.literal("unknown"), why: text }),
]);
const tables = z.array(z.object({ table: text, rows: z.number(), bytes: z.number() }));

/** `what`: what the fault met, in words. */
export const bite = z.object({ bit: z.boolean(), what: text });

function entryOf<K extends Entry["kind"], S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.object({ kind: z.literal(kind), ...shape, seq: z.int().positive(), at: z.number() });
}

const conversations = [
  entryOf("attempt.begin", {
    attempt: text,
    turn: text,
    thread: text,
    client: text,
    requestId: maybe,
    // JSON has no undefined: where no thread id was sent at all, the field may be absent.
    threadId: z
      .unknown()
      .optional()
      .transform((id): unknown => id),
    sound: z.boolean(),
    on: maybe,
    purpose: z.enum(["workload", "warm-up", "last", "repeat"]),
    steps: z.array(text),
    act: count.exactOptional(),
  }),
  entryOf("attempt.end", {
    attempt: text,
    outcome,
    replica: maybe,
    status: z.int().nullable(),
    list: tokens.nullable(),
    deniedBy: z.array(text).exactOptional(),
  }),
  entryOf("read.begin", {
    read: text,
    thread: text,
    client: text,
    on: maybe,
    final: z.boolean(),
    act: count.exactOptional(),
  }),
  entryOf("read.end", {
    read: text,
    replica: maybe,
    list: tokens.nullable(),
    channels: z.record(text, tokens).exactOptional(),
    status: z.int().nullable(),
    why: maybe,
  }),
  entryOf("thread.deleted", { thread: text, ok: z.boolean(), status: z.int().nullable() }),
] as const;

const wires = [
  entryOf("model.call", {
    call: text,
    replica: text,
    turn: maybe,
    ordinal: z.int(),
    list: tokens,
    malformed: maybe,
    transcript: z.array(z.object({ role: text, text })),
  }),
  entryOf("model.answer", {
    call: text,
    status: z.int(),
    tools: z.array(text),
    token: maybe,
    brokeOff: text.exactOptional(),
  }),
  entryOf("tool.call", {
    call: text,
    replica: text,
    tool: text,
    turn: maybe,
    ordinal: z.int().nullable(),
    key: maybe,
  }),
  entryOf("tool.answer", { call: text, admitted: z.boolean(), status: z.int() }),
  entryOf("statement", {
    replica: text,
    turn: maybe,
    name: text,
    ordinal: count,
    attempt: count,
    phase: z.enum(["sent", "done", "failed"]),
    inTransaction: z.literal(true).exactOptional(),
  }),
] as const;

const replicas = [
  entryOf("replica.start", {
    replica: text,
    pid: z.int().nullable(),
    boot: count,
    changed: z.array(text),
    clockAheadMs: z.number().exactOptional(),
  }),
  entryOf("replica.ready", { replica: text, afterMs: z.number() }),
  entryOf("replica.unready", { replica: text, why: text }),
  entryOf("replica.signal", { replica: text, signal: text }),
  entryOf("replica.exit", {
    replica: text,
    pid: z.int().nullable(),
    code: z.int().nullable(),
    signal: maybe,
    asked: z.boolean(),
    lastLines: z.array(text),
  }),
] as const;

const others = [
  entryOf("fault.begin", {
    fault: text,
    name: text,
    replica: maybe,
    stops: z.enum(["call", "saves", "replies", "network"]).nullable(),
  }),
  entryOf("fault.end", { fault: text, name: text, bite }),
  entryOf("survey", {
    label: text,
    turns: count.nullable(),
    thread: maybe,
    tables,
    ofThread: tables.nullable(),
    orphans: z.record(text, z.number()),
  }),
  entryOf("act", { act: count, of: text, does: text, with: z.array(z.unknown()) }),
  entryOf("act.end", {
    act: count,
    answer: maybe,
    failed: text.exactOptional(),
  }),
  entryOf("phase", { phase: z.enum(["warm-up", "workload", "healing", "final", "restart"]) }),
] as const;

export const entry = z.discriminatedUnion("kind", [
  ...conversations,
  ...wires,
  ...replicas,
  ...others,
]);

const budget = z.number().nullable();

/** The first line of a run in history.jsonl. */
export const header = z.object({
  schemaVersion: z.literal(2),
  run: text,
  scenario: text,
  target: text,
  variant: maybe,
  backend: text,
  seed: z.int(),
  replicas: z.array(text),
  capabilities: z.array(z.enum(capabilities)),
  promises: z.object({
    memory: z.object({ level: z.enum(levels), window: budget }),
    concurrency: z.enum(["reject", "enqueue", "interrupt", "none"]),
    recoveryMs: z.number(),
    answerMs: z.number(),
    drainMs: z.number(),
    growth: z.object({
      bytes: z.enum(["linear", "quadratic"]),
      bytesPerTurn: budget,
      rowsPerTurn: budget,
    }),
  }),
  versions: z.record(text, text),
  startedAt: text,
  control: z.boolean(),
});
