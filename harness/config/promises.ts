import { z } from "zod";
import { levels } from "../history/level.ts";
import { formerNames } from "./former-names.ts";

const milliseconds = (usual: number) => z.number().positive().default(usual);
const budget = () => z.number().positive().nullable().default(null);

/** What the levels were called before they had names. */
const formerLevels = Object.fromEntries(levels.map((level, i) => [`L${i}`, level]));

/** What the owner of a target promises; see `Promises` in the history for the units. */
export const promises = z.strictObject({
  memory: z
    .strictObject({
      level: z
        .enum(levels)
        .register(formerNames, formerLevels)
        .default("linearizable")
        .describe(
          "The level of consistency: a break of it, or of a level that it implies, is a violation.",
        ),
      window: z
        .number()
        .int()
        .positive()
        .nullable()
        .default(null)
        .describe("How many turns the agent sends to its model; null: all."),
    })
    .prefault({})
    .describe("What the agent must remember."),
  concurrency: z
    .enum(["reject", "enqueue", "interrupt", "none"])
    .default("reject")
    .describe(
      "What happens to a second turn on a busy thread; none: no promise. Recorded, but not " +
        "judged yet.",
    ),
  recoveryMs: milliseconds(2_000).describe(
    "Recovery time in milliseconds: from the first attempt after all faults are healed to" +
      " the first that is answered.",
  ),
  answerMs: milliseconds(10_000).describe(
    "Time in milliseconds within which a turn ends, with an error if need be, while the " +
      "database cannot save or the model does not reply.",
  ),
  drainMs: milliseconds(10_000).describe(
    "Time in milliseconds from SIGTERM to the end of the process.",
  ),
  growth: z
    .strictObject({
      bytes: z
        .enum(["linear", "quadratic"])
        .default("linear")
        .describe("How stored bytes may grow with the number of turns of a thread."),
      bytesPerTurn: budget().describe("Budget of stored bytes per turn; null: none."),
      rowsPerTurn: budget().describe("Budget of stored rows per turn; null: none."),
    })
    .prefault({})
    .describe("How storage may grow. Above it, the scenario table-growth is violated."),
});
