import { z } from "zod";
import { levels } from "../history.ts";

/** What the owner of a target promises; see `Promises` in the history for the units. */
export const promises = z.strictObject({
  memory: z
    .strictObject({
      level: z.enum(levels).default("L6"),
      window: z.number().int().positive().nullable().default(null),
    })
    .prefault({}),
  concurrency: z.enum(["reject", "enqueue", "interrupt", "none"]).default("reject"),
  recoveryMs: z.number().positive().default(2_000),
  answerMs: z.number().positive().default(10_000),
  drainMs: z.number().positive().default(10_000),
  growth: z
    .strictObject({
      bytes: z.enum(["linear", "quadratic"]).default("linear"),
      bytesPerTurn: z.number().positive().nullable().default(null),
      rowsPerTurn: z.number().positive().nullable().default(null),
    })
    .prefault({}),
});
