import { z } from "zod";
import { levels } from "../history/history.ts";

const milliseconds = (usual: number) => z.number().positive().default(usual);
const budget = () => z.number().positive().nullable().default(null);

/** What the owner of a target promises; see `Promises` in the history for the units. */
export const promises = z.strictObject({
  memory: z
    .strictObject({
      level: z
        .enum(levels)
        .default("L6")
        .describe("The level of the ladder below which a break is a violation."),
      window: z
        .number()
        .int()
        .positive()
        .nullable()
        .default(null)
        .describe("How many turns the agent shows its model; null: all of them."),
    })
    .prefault({})
    .describe("What the agent remembers."),
  concurrency: z
    .enum(["reject", "enqueue", "interrupt", "none"])
    .default("reject")
    .describe("What a second turn on a busy thread gets; none: nothing is promised."),
  recoveryMs: milliseconds(2_000).describe(
    "In milliseconds: from the first try after everything is healed to one that is answered.",
  ),
  answerMs: milliseconds(10_000).describe(
    "In milliseconds: how long a turn takes to end, if with an error, while nothing can be saved, " +
      "or the model does not reply.",
  ),
  drainMs: milliseconds(10_000).describe(
    "In milliseconds: from SIGTERM to the end of the process.",
  ),
  growth: z
    .strictObject({
      bytes: z
        .enum(["linear", "quadratic"])
        .default("linear")
        .describe("How the stored bytes grow with the turns of a thread."),
      bytesPerTurn: budget().describe("Stored bytes per turn at most; null: no budget."),
      rowsPerTurn: budget().describe("Stored rows per turn at most; null: no budget."),
    })
    .prefault({})
    .describe("How storage grows; above a budget table-growth is violated."),
});
