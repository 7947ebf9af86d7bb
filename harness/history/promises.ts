import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { levels } from "./level.ts";

const milliseconds = z.number().positive();
const budget = z.number().positive().nullable();

/** What the owner of the target promises; part of the header, because judgement depends on it. */
export const promises = z.strictObject({
  memory: z.strictObject({
    /** A break of this level, or of one that it implies, is a violation. */
    level: z.enum(levels),
    /** Turns that the agent shows its model; null: all of them. */
    window: z.int().positive().nullable(),
  }),
  /** What a second turn on a busy thread gets. */
  concurrency: z.enum(["reject", "enqueue", "interrupt", "none"]),
  /**
   * From the first attempt on a thread after everything was healed to the first that is answered
   * with `ok`, each from its beginning.
   */
  recoveryMs: milliseconds,
  /**
   * From the beginning of an attempt to its end, while the database cannot save or the model does
   * not reply. The end may be an error.
   */
  answerMs: milliseconds,
  /** From SIGTERM to the end of the process. */
  drainMs: milliseconds,
  /** How storage may grow with the number of turns on one thread; a budget of null is none. */
  growth: z.strictObject({
    bytes: z.enum(["linear", "quadratic"]),
    bytesPerTurn: budget,
    rowsPerTurn: budget,
  }),
});

export type Promises = DeepReadonly<z.infer<typeof promises>>;
