import { z } from "zod";
import { capabilities } from "./capability.ts";
import type { DeepReadonly } from "./deep-readonly.ts";
import { promises } from "./promises.ts";

const text = z.string();

/** What is known of a run before it begins: its first line in history.jsonl. */
export const header = z.object({
  schemaVersion: z.literal(2),
  /** Identifies this run of a scenario within a whole run: "round-robin/reference/memory-saver". */
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
  /** Versions as installed: node, postgres, each langgraph package. */
  versions: z.record(text, text),
  /** ISO 8601, wall clock, for people only: `at` of the entries never comes from it. */
  startedAt: text,
  /** True in the repetition of a violation with a single replica. */
  control: z.boolean(),
});

export type Header = DeepReadonly<z.infer<typeof header>>;
