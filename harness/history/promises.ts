import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { levels } from "./level.ts";

const milliseconds = z.number().positive();
const budget = z.number().positive().nullable();

/** The promises of the target's owner. The header contains them: verdicts depend on them. */
export const promises = z.strictObject({
  memory: z.strictObject({
    /** Breaking this level, or a level that it implies, is a violation. */
    level: z.enum(levels),
    /** Number of turns that the agent sends to its model; null: all. */
    window: z.int().positive().nullable(),
  }),
  /** What happens to a second turn on a busy thread. */
  concurrency: z.enum(["reject", "enqueue", "interrupt", "none"]),
  /**
   * Time from the first attempt on a thread after all faults are healed to the first attempt with
   * outcome `ok`. Both times are those of the begin entries.
   */
  recoveryMs: milliseconds,
  /**
   * Time from the begin of an attempt to its end, while the database cannot save or the model does
   * not reply. The end may be an error.
   */
  answerMs: milliseconds,
  /** Time from SIGTERM to the end of the process. */
  drainMs: milliseconds,
  /** How storage may grow with the turns on one thread. A null budget sets no limit. */
  growth: z.strictObject({
    bytes: z.enum(["linear", "quadratic"]),
    bytesPerTurn: budget,
    rowsPerTurn: budget,
  }),
});

export type Promises = DeepReadonly<z.infer<typeof promises>>;
