import { z } from "zod";
import { foreignHost } from "./allowed-hosts.ts";
import { judgedShape } from "./judgement.ts";
import { ready } from "./ready.ts";
import { methodAndPath, request, template } from "./request.ts";
import { talkShape } from "./dialect.ts";

const port = (says: string) =>
  z.number().int().positive().optional().describe(`A port of this machine. ${says}`);

const address = z.url({
  protocol: /^https?$/,
  error: "allowed is an address, as http://127.0.0.1:8080/api",
});

const withinMs = z
  .number()
  .positive()
  .default(60_000)
  .describe("How long it may take, in milliseconds.");

/**
 * A shell command, or an HTTP request to a whole address. `${replica}` is the name of the replica;
 * a command has it as the variable REPLICA, too. It must end well, or answer below 300, once what
 * it stands for is done; what it leaves running in the background stays.
 */
const anyHook = z.union([
  template.min(1),
  z.strictObject({
    run: template.min(1).describe("A command for a shell, in the folder of the configuration."),
    env: z
      .record(z.string(), template)
      .default({})
      .describe("Environment variables, on top of REPLICA and those of threadproof itself."),
    withinMs,
  }),
  request({ withinMs }),
]);

const hook = (says: string) => anyHook.optional().describe(`${says} ${howItEnds}`);
const howItEnds = "A command for a shell, or a request; done once it has ended well.";

/**
 * A service that is deployed already. A hook that is there enables its capability; those that end
 * or cut off something are only run where that was allowed (`--allow-hooks`, or on the terminal).
 */
export const urlTarget = z.strictObject({
  kind: z.literal("url").describe("url: it is deployed already."),
  address: z
    .union([
      address,
      z
        .record(z.string().regex(/^[\w-]+$/, { error: "it has letters, digits, - and _" }), address)
        .refine((it) => Object.keys(it).length > 0, { error: "it needs the address of a replica" }),
    ])
    .describe("One address for all replicas, or one per replica by its name."),
  pin: z
    .strictObject({
      header: z.string().min(1).describe("The header that names the replica."),
      replicas: z
        .array(z.string().min(1))
        .min(2)
        .describe("Names of the replicas, as its balancer knows them."),
    })
    .optional()
    .describe("For one address: how its balancer is told which replica must serve a request."),
  ready: ready
    .optional()
    .describe("What a replica answers once it is ready. Without it: anything at all."),
  database: z
    .strictObject({
      url: template.describe("Its address: postgres://user:password@host:port/name."),
      test: z.literal(true).describe("Says that it is there for tests."),
    })
    .optional()
    .describe("Its database, to be looked at and never changed: tables, rows, bytes."),
  wires: z
    .strictObject({
      model: port("The base URL of the service's model is then http://127.0.0.1:<port>/v1."),
      tools: port("What its tools do goes then to http://127.0.0.1:<port>."),
      listen: z
        .string()
        .default("127.0.0.1")
        .describe('The address to listen on: "0.0.0.0" for a service that runs elsewhere.'),
    })
    .prefault({})
    .describe("Ports of this machine on which our wires listen; the service is told of them."),
  hooks: z
    .strictObject({
      kill: hook("Ends a replica at once; needs start."),
      start: hook("Starts a replica that was ended."),
      pause: hook("Stops a replica, alive; needs resume."),
      resume: hook("Lets a paused replica go on."),
      redeploy: hook("Ends a replica gently, and starts its successor."),
      cutDatabase: hook("Cuts all replicas off their database; needs healDatabase."),
      healDatabase: hook("Undoes cutDatabase."),
      logs: hook("Prints what a replica has logged."),
    })
    .default({})
    .describe(
      "What may be done to it. ${replica} is the name of the replica; one that ends or cuts off " +
        "something is run with --allow-hooks, or after a yes on the terminal.",
    ),
  ...talkShape,
  ...judgedShape,
});

export type Hook = z.infer<typeof anyHook>;

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
