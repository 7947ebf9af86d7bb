import { z } from "zod";
import { judgedShape } from "./judged.ts";
import { ready } from "./ready.ts";
import { request, template } from "./request.ts";
import { talkShape } from "./talk.ts";

const address = z.url({
  protocol: /^https?$/,
  error: "allowed is an address, as http://127.0.0.1:8080/api",
});

/**
 * A shell command, or an HTTP request to a whole address. `${replica}` is the name of the replica.
 * It must end, or answer below 300, once what it stands for is done.
 */
const hook = z.union([
  template.min(1),
  request({ withinMs: z.number().positive().default(60_000) }),
]);

/**
 * A service that is deployed already. A hook that is there enables its capability; those of a
 * replica are only run where the run is allowed to (`--allow-hooks`).
 */
export const urlTarget = z.strictObject({
  kind: z.literal("url"),
  /** One address for all replicas, or one per replica by its name. */
  address: z.union([
    address,
    z.record(z.string().regex(/^[\w-]+$/, { error: "it has letters, digits, - and _" }), address),
  ]),
  /** For one address: a header by which its balancer can be told which replica must serve. */
  pin: z
    .strictObject({
      header: z.string().min(1),
      /** Names of the replicas, as the balancer knows them. */
      replicas: z.array(z.string().min(1)).min(2),
    })
    .optional(),
  ready: ready.optional(),
  /** Its database, to be looked at. It must be marked as one for tests. */
  database: z.strictObject({ url: template, test: z.literal(true) }).optional(),
  /** Ports of this machine on which our wires listen, so that the service can be told of them. */
  wires: z
    .strictObject({
      model: z.number().int().positive().optional(),
      tools: z.number().int().positive().optional(),
    })
    .default({}),
  hooks: z
    .strictObject({
      /** Ends a replica at once. */
      kill: hook.optional(),
      start: hook.optional(),
      pause: hook.optional(),
      /** Lets a paused one go on. */
      resume: hook.optional(),
      /** Ends a replica gently, and starts its successor. */
      redeploy: hook.optional(),
      /** Cuts the database off. */
      cutDatabase: hook.optional(),
      healDatabase: hook.optional(),
      /** Prints what a replica has logged. */
      logs: hook.optional(),
    })
    .default({}),
  ...talkShape,
  ...judgedShape,
});
