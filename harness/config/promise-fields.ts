import { z } from "zod";
import { levels } from "../history/level.ts";
import { promises as complete } from "../history/promises.ts";
import { formerNames } from "./former-names.ts";

const promised = complete.shape;
const { memory, growth } = promised;

/** Maps the former numbers of the levels to their names. */
const formerLevels = Object.fromEntries(levels.map((level, i) => [`L${i}`, level]));

/** The promises in a configuration file, with defaults for omitted fields. */
export const promises = z.strictObject({
  memory: z
    .strictObject({
      level: memory.shape.level
        .register(formerNames, formerLevels)
        .default("linearizable")
        .describe(
          "The level of consistency: a break of it, or of a level that it implies, is a violation.",
        ),
      window: memory.shape.window
        .default(null)
        .describe("How many turns the agent sends to its model; null: all."),
    })
    .prefault({})
    .describe("What the agent must remember."),
  concurrency: promised.concurrency
    .default("none")
    .describe(
      "What happens to a second turn on a busy thread: it is refused, waits, or ends the first " +
        "one; none: no promise.",
    ),
  recoveryMs: promised.recoveryMs
    .default(2_000)
    .describe(
      "Recovery time in milliseconds: from the first attempt after all faults are healed to" +
        " the first that is answered.",
    ),
  answerMs: promised.answerMs
    .default(10_000)
    .describe(
      "Time in milliseconds within which a turn ends, with an error if need be, while the " +
        "database cannot save or the model does not reply.",
    ),
  drainMs: promised.drainMs
    .default(10_000)
    .describe("Time in milliseconds from SIGTERM to the end of the process."),
  growth: z
    .strictObject({
      bytes: growth.shape.bytes
        .default("linear")
        .describe("How stored bytes may grow with the number of turns of a thread."),
      bytesPerTurn: growth.shape.bytesPerTurn
        .default(null)
        .describe("Budget of stored bytes per turn; null: none."),
      rowsPerTurn: growth.shape.rowsPerTurn
        .default(null)
        .describe("Budget of stored rows per turn; null: none."),
    })
    .prefault({})
    .describe("How storage may grow. Above it, the scenario table-growth is violated."),
});
