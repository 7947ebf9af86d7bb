import { z } from "zod";
import { judgedShape } from "./judged.ts";
import { ready } from "./ready.ts";
import { template } from "./request.ts";
import { talkShape } from "./talk.ts";

/** How a replica is run as a container: of an image that there is, or of one that is built. */
const container = z.strictObject({
  /** Built once per content, with the engine's own builder. */
  build: z
    .strictObject({
      /** Folder, relative to that of the configuration. */
      context: z.string().default("."),
      /** Relative to the context. */
      dockerfile: z.string().default("Dockerfile"),
      /** The stage of the file; without it the last. */
      stage: z.string().nullable().default(null),
    })
    .optional(),
  image: z.string().optional(),
  /** What follows the image's name; without it what the image says. */
  command: z.array(template).optional(),
  /** The same, to migrate. */
  migrate: z.array(template).optional(),
  /** On which it listens: `${port}`, the same in each container. */
  port: z.number().int().positive().default(3_000),
  /** Where that differs from the target's own `env`. */
  env: z.record(z.string(), template).default({}),
});

/**
 * A service that is started by a command line, once per replica. In `start`, `migrate` and `env`:
 * `${port}` (to listen on), `${replica}` (its name), `${database}` (a Postgres URL), `${model}` and
 * `${tools}` (base URLs), `${scratch}` (a folder that is removed after the run), `${bundle:FILE}`
 * (one JavaScript file made of a TypeScript or JavaScript entry, relative to the configuration).
 */
export const commandTarget = z.strictObject({
  kind: z.literal("command"),
  /** Where command lines are run, relative to the configuration. */
  folder: z.string().default("."),
  /** Run once, before anything else of the run. */
  build: template.optional(),
  /** The command line of one replica, run without a shell, so that signals arrive. */
  start: template,
  /** For the docker backend: how a replica is run as a container. */
  container: container.optional(),
  /** Run once on an empty database before any replica; without it one replica is booted for it. */
  migrate: template.optional(),
  env: z.record(z.string(), template).default({}),
  /** Scenario → what it adds to `env`: a shorter time-out, so that it need not be waited for. */
  envIn: z.record(z.string(), z.record(z.string(), template)).default({}),
  ready,
  ...talkShape,
  ...judgedShape,
});
