import { z } from "zod";
import { foreignHost } from "./hosts.ts";
import { judgedShape } from "./judged.ts";
import { ready } from "./ready.ts";
import { methodAndPath, request, template } from "./request.ts";
import { talkShape } from "./talk.ts";

const address = z.url({
  protocol: /^https?$/,
  error: "allowed is an address, as http://127.0.0.1:8080/api",
});

const withinMs = z.number().positive().default(60_000);

/**
 * A shell command, or an HTTP request to a whole address. `${replica}` is the name of the replica;
 * a command has it as the variable REPLICA, too. It must end well, or answer below 300, once what
 * it stands for is done; what it leaves running in the background stays.
 */
const hook = z.union([
  template.min(1),
  z.strictObject({
    run: template.min(1),
    /** On top of our own environment. */
    env: z.record(z.string(), template).default({}),
    withinMs,
  }),
  request({ withinMs }),
]);

/**
 * A service that is deployed already. A hook that is there enables its capability; those that end
 * or cut off something are only run where that was allowed (`--allow-hooks`, or on the terminal).
 */
export const urlTarget = z.strictObject({
  kind: z.literal("url"),
  /** One address for all replicas, or one per replica by its name. */
  address: z.union([
    address,
    z
      .record(z.string().regex(/^[\w-]+$/, { error: "it has letters, digits, - and _" }), address)
      .refine((it) => Object.keys(it).length > 0, { error: "it needs the address of a replica" }),
  ]),
  /** For one address: a header by which its balancer can be told which replica must serve. */
  pin: z
    .strictObject({
      header: z.string().min(1),
      /** Names of the replicas, as the balancer knows them. */
      replicas: z.array(z.string().min(1)).min(2),
    })
    .optional(),
  /** Without it who answers at all is ready. */
  ready: ready.optional(),
  /** Its database, to be looked at. It must be marked as one for tests. */
  database: z.strictObject({ url: template, test: z.literal(true) }).optional(),
  /** Ports of this machine on which our wires listen, so that the service can be told of them. */
  wires: z
    .strictObject({
      model: z.number().int().positive().optional(),
      tools: z.number().int().positive().optional(),
      /** The address to listen on: "0.0.0.0" for a service that runs elsewhere. */
      listen: z.string().default("127.0.0.1"),
    })
    .prefault({}),
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

export type Hook = z.infer<typeof hook>;

/** What it does, for who has to allow it. */
export function hookInWords(hook: Hook): string {
  if (typeof hook === "string") return hook;
  if ("run" in hook) return hook.run;
  const { method, path } = methodAndPath(hook);
  return `${method} ${path}`;
}

/** An address of a target, and where it stands in its description. */
interface Place {
  readonly path: readonly string[];
  readonly address: string;
}

/** Hosts that a target would have us speak with, and that nobody has allowed. */
export function foreignPlaces(
  target: z.infer<typeof urlTarget>,
  allow: readonly string[],
): { readonly path: readonly string[]; readonly says: string }[] {
  return addressesIn(target).flatMap(({ path, address }) => {
    const foreign = foreignHost(address, allow);
    return foreign === null ? [] : [{ path, says: `it ${foreign}` }];
  });
}

function addressesIn({ address, database, hooks }: z.infer<typeof urlTarget>): Place[] {
  const own =
    typeof address === "string"
      ? [{ path: ["address"], address }]
      : Object.entries(address).map(([name, it]) => ({ path: ["address", name], address: it }));
  const stored =
    database === undefined ? [] : [{ path: ["database", "url"], address: database.url }];
  const asked = Object.entries(hooks).flatMap(([name, hook]) => {
    if (hook === undefined || typeof hook === "string" || "run" in hook) return [];
    // Which host it is may depend on the replica: any name will do for the others.
    const it = methodAndPath(hook).path.replaceAll("${replica}", "a");
    return [{ path: ["hooks", name], address: it }];
  });
  return [...own, ...stored, ...asked];
}
