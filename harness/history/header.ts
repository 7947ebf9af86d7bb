import { z } from "zod";
import { capabilities } from "./capability.ts";
import type { DeepReadonly } from "./deep-readonly.ts";
import { experimentName } from "./experiment.ts";
import { promises } from "./promises.ts";

const text = z.string();

/** What the baseline conversation showed of a service. */
const habits = z.object({
  promptOrder: z.enum(["oldest first", "newest first"]),
  /** The history is in system messages, so their tokens are the thread's list. */
  historyInSystem: z.boolean(),
  /** The median time of a turn without tools, in milliseconds. */
  turnMs: z.number(),
  modelCalls: z.int(),
  /** Whether a thread showed the reply when the turn was acknowledged; null: it cannot be read. */
  repliesAtOnce: z.boolean().nullable(),
});
export type Habits = DeepReadonly<z.infer<typeof habits>>;

/** Facts about a run that are known before it begins: its first line in history.jsonl. */
export const header = z.object({
  schemaVersion: z.literal(2),
  /** Identifies this run within the suite: "round-robin/reference/memory-saver/one-replica". */
  run: text,
  scenario: text,
  target: text,
  /** The variant's name, or null for the plain target. */
  variant: text.nullable(),
  backend: text,
  seed: z.int(),
  /** Names of the replicas: "a", "b", … */
  replicas: z.array(text),
  capabilities: z.array(z.enum(capabilities)),
  promises,
  /** The promises that the configuration does not make, by path: "recoveryMs", "growth.bytes". */
  assumed: z.array(text).exactOptional(),
  /** Absent: no baseline conversation was played. */
  habits: habits.exactOptional(),
  /** Installed versions: node, postgres, each langgraph package. */
  versions: z.record(text, text),
  /** ISO 8601 wall-clock time, for people only. `at` of the entries does not use it. */
  startedAt: text,
  /** What differs in this repetition of a violated run; null: it is no repetition. */
  experiment: experimentName.nullable(),
});

export type Header = DeepReadonly<z.infer<typeof header>>;
