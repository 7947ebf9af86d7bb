import { z } from "zod";
import { judgedShape, variant, variantsOf } from "./judgement.ts";
import { ready } from "./ready.ts";
import { template } from "./request.ts";
import { talkShape } from "./dialect.ts";

/** The image of a container, and the command that runs in it. */
const imageShape = {
  build: z
    .strictObject({
      context: z
        .string()
        .default(".")
        .describe("Build context, relative to the folder of the configuration."),
      dockerfile: z.string().default("Dockerfile").describe("Dockerfile, relative to the context."),
      stage: z
        .string()
        .nullable()
        .default(null)
        .describe("Stage of the Dockerfile; null: the last one."),
    })
    .optional()
    .describe("Builds the image with the Docker engine; an unchanged context is built once."),
  image: z.string().optional().describe("Image to run, if it is not built."),
  command: z
    .array(template)
    .optional()
    .describe("Arguments after the image's name. Without it: the image's own command."),
};

/** How to run a replica as a container. */
const container = z.strictObject({
  ...imageShape,
  migrate: z
    .array(template)
    .optional()
    .describe("Arguments that run the migration, once, on an empty database."),
  port: z
    .number()
    .int()
    .positive()
    .default(3_000)
    .describe("Port on which the service listens in its container: ${port}."),
  env: z
    .record(z.string(), template)
    .default({})
    .describe("Environment variables that differ from the target's env."),
});

/** A variant may be another program, with its own command line or image. */
const commandVariant = variant.extend({
  start: template
    .optional()
    .describe("Command line of one replica, instead of the target's start."),
  container: z
    .strictObject(imageShape)
    .optional()
    .describe("For --backend docker: what differs from the target's container."),
});

/**
 * A service that a command line starts, once per replica. `start`, `migrate` and `env` may use
 * `${port}` (port to listen on), `${replica}` (its name), `${database}` (a Postgres URL),
 * `${model}` and `${tools}` (base URLs), `${scratch}` (a folder that the run removes at the end)
 * and `${bundle:FILE}` (a JavaScript bundle of an entry file, relative to the configuration).
 */
export const commandTarget = z.strictObject({
  kind: z
    .literal("command")
    .describe("command: threadproof starts each replica with a command line."),
  folder: z
    .string()
    .default(".")
    .describe("Working directory of its commands, relative to the configuration."),
  build: template
    .optional()
    .describe("Shell command that runs once, before anything else. Time limit: 600,000 ms."),
  start: template.describe(
    "Command line of one replica. It runs without a shell, so that signals reach the " +
      "service. May use ${port}, ${replica}, ${database}, ${model}, ${tools}, ${scratch} " +
      "and ${bundle:FILE}.",
  ),
  container: container
    .optional()
    .describe("For --backend docker: how to run a replica as a container."),
  migrate: template
    .optional()
    .describe(
      "Command line that prepares an empty database, once, before any replica starts. " +
        "Without it, one replica is started and stopped to do this.",
    ),
  env: z
    .record(z.string(), template)
    .default({})
    .describe(
      "Environment variables of a replica. Put ${database} (a Postgres URL), ${model} and " +
        "${tools} (base URLs) where the service reads its own URLs.",
    ),
  envIn: z
    .record(z.string(), z.record(z.string(), template))
    .default({})
    .describe("Additional env per scenario, for example a shorter timeout than in production."),
  databaseTls: z
    .enum(["refuse", "pass"])
    .default("refuse")
    .describe(
      "TLS to the database in scenarios that read SQL. refuse: threadproof declines TLS, " +
        "and the service connects without it or fails. pass: TLS stays, and these scenarios " +
        "are not run. In other scenarios TLS always passes through.",
    ),
  ready: ready.describe("Ready check: a request, and the response of a ready replica."),
  ...talkShape,
  ...judgedShape,
  variants: variantsOf(commandVariant),
});
