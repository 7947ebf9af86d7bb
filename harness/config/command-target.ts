import { z } from "zod";
import { judgedShape } from "./judgement.ts";
import { ready } from "./ready.ts";
import { template } from "./request.ts";
import { talkShape } from "./dialect.ts";

/** How a replica is run as a container: of an image that there is, or of one that is built. */
const container = z.strictObject({
  build: z
    .strictObject({
      context: z
        .string()
        .default(".")
        .describe("The folder that is built, relative to that of the configuration."),
      dockerfile: z.string().default("Dockerfile").describe("Relative to the context."),
      stage: z
        .string()
        .nullable()
        .default(null)
        .describe("The stage of the Dockerfile; null: the last."),
    })
    .optional()
    .describe("Builds the image, once per content, with the engine's own builder."),
  image: z.string().optional().describe("The image, where it is not built."),
  command: z
    .array(template)
    .optional()
    .describe("What follows the image's name. Without it: what the image says."),
  migrate: z
    .array(template)
    .optional()
    .describe("The same to migrate, once, on an empty database."),
  port: z
    .number()
    .int()
    .positive()
    .default(3_000)
    .describe("The port on which it listens, ${port}: the same in each container."),
  env: z
    .record(z.string(), template)
    .default({})
    .describe("Environment variables, where they differ from those of the target's own env."),
});

/**
 * A service that is started by a command line, once per replica. In `start`, `migrate` and `env`:
 * `${port}` (to listen on), `${replica}` (its name), `${database}` (a Postgres URL), `${model}` and
 * `${tools}` (base URLs), `${scratch}` (a folder that is removed after the run), `${bundle:FILE}`
 * (one JavaScript file made of a TypeScript or JavaScript entry, relative to the configuration).
 */
export const commandTarget = z.strictObject({
  kind: z.literal("command").describe("command: it is started by a command line, per replica."),
  folder: z
    .string()
    .default(".")
    .describe("Where its command lines are run, relative to the configuration."),
  build: template
    .optional()
    .describe("A command for a shell, run once before anything else. Limit: 600,000 ms."),
  start: template.describe(
    "The command line of one replica, run without a shell, so that signals arrive. It knows " +
      "${port}, ${replica}, ${database}, ${model}, ${tools}, ${scratch} and ${bundle:FILE}.",
  ),
  container: container
    .optional()
    .describe("For --backend docker: how a replica is run as a container."),
  migrate: template
    .optional()
    .describe(
      "A command line, run once on an empty database before any replica. Without it one replica " +
        "is booted for it, and ended.",
    ),
  env: z
    .record(z.string(), template)
    .default({})
    .describe(
      "Environment variables of a replica. ${database} is a Postgres URL, ${model} and ${tools} " +
        "are base URLs: they stand where the service takes those of its own.",
    ),
  envIn: z
    .record(z.string(), z.record(z.string(), template))
    .default({})
    .describe(
      "Scenario → what it adds to env there: a time-out that is right in production need not be " +
        "waited for.",
    ),
  databaseTls: z
    .enum(["refuse", "pass"])
    .default("refuse")
    .describe(
      "What a service gets that asks to encrypt its connections to the database where a scenario " +
        "watches statements. refuse: it goes on in the clear, or gives up. pass: such scenarios " +
        "are not run. Elsewhere the server says.",
    ),
  ready: ready.describe("What a replica answers once it is ready."),
  ...talkShape,
  ...judgedShape,
});
