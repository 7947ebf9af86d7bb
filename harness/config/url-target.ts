import { z } from "zod";
import { foreignHost } from "./allowed-hosts.ts";
import { judgedShape } from "./judgement.ts";
import { ready } from "./ready.ts";
import { methodAndPath, request, template } from "./request.ts";
import { talkShape } from "./dialect.ts";

const port = (says: string) =>
  z.number().int().positive().optional().describe(`Port of this machine. ${says}`);

const address = z.url({
  protocol: /^https?$/,
  error: "expected an address, such as http://127.0.0.1:8080/api",
});

const withinMs = z.number().positive().default(60_000).describe("Time limit in milliseconds.");

/**
 * A shell command, or an HTTP request to a full address. `${replica}` is the name of the replica; a
 * command also gets it as the variable REPLICA. The hook must succeed (exit code 0, or a status
 * below 300) when its effect is complete. Its background processes keep running.
 */
const anyHook = z.union([
  template.min(1),
  z.strictObject({
    run: template.min(1).describe("Shell command, run in the folder of the configuration."),
    env: z
      .record(z.string(), template)
      .default({})
      .describe("Environment variables, in addition to REPLICA and those of threadproof."),
    withinMs,
  }),
  request({ withinMs }),
]);

const hook = (says: string) => anyHook.optional().describe(`${says} ${howItEnds}`);
const howItEnds = "A shell command or a request.";

/**
 * A service that is already deployed. Each declared hook enables a capability. Destructive hooks
 * run only with permission (`--allow-hooks`, or a yes on the terminal).
 */
export const urlTarget = z.strictObject({
  kind: z.literal("url").describe("url: the service is already deployed."),
  address: z
    .union([
      address,
      z
        .record(z.string().regex(/^[\w-]+$/, { error: "use letters, digits, - and _" }), address)
        .refine((it) => Object.keys(it).length > 0, { error: "needs at least one address" }),
    ])
    .describe("One address for all replicas, or one per replica: name → address."),
  pin: z
    .strictObject({
      header: z.string().min(1).describe("Request header that names the replica."),
      replicas: z
        .array(z.string().min(1))
        .min(2)
        .describe("Names of the replicas, as the load balancer knows them."),
    })
    .optional()
    .describe(
      "With one address: how to tell the load balancer which replica must serve a request.",
    ),
  ready: ready
    .optional()
    .describe(
      "Ready check: a request, and the response of a ready replica. Without it, any " +
        "response counts.",
    ),
  database: z
    .strictObject({
      url: template.describe("Postgres URL: postgres://user:password@host:port/name."),
      test: z.literal(true).describe("Confirms that this database is for tests."),
    })
    .optional()
    .describe("The service's database. threadproof reads table sizes and never changes it."),
  wires: z
    .strictObject({
      model: port("The service's model base URL is then http://127.0.0.1:<port>/v1."),
      tools: port("The service's tools then call http://127.0.0.1:<port>."),
      listen: z
        .string()
        .default("127.0.0.1")
        .describe('Address to listen on; "0.0.0.0" for a service that runs elsewhere.'),
    })
    .prefault({})
    .describe(
      "Ports of this machine on which threadproof listens as the model and the tools. " +
        "Configure your service to use them.",
    ),
  hooks: z
    .strictObject({
      kill: hook("Kills a replica at once. Needs start."),
      start: hook("Starts a replica that was killed."),
      pause: hook("Freezes a replica. Needs resume."),
      resume: hook("Lets a paused replica continue."),
      redeploy: hook("Shuts a replica down and starts its successor."),
      cutDatabase: hook("Cuts all replicas off their database. Needs healDatabase."),
      healDatabase: hook("Undoes cutDatabase."),
      logs: hook("Prints the log of a replica."),
    })
    .default({})
    .describe(
      "What threadproof may do to the deployment. ${replica} is the name of the replica. " +
        "Destructive hooks need --allow-hooks, or a yes on the terminal.",
    ),
  ...talkShape,
  ...judgedShape,
});

export type Hook = z.infer<typeof anyHook>;

/** The command or request of a hook, for the question whether it may run. */
export function hookInWords(hook: Hook): string {
  if (typeof hook === "string") return hook;
  if ("run" in hook) return hook.run;
  const { method, path } = methodAndPath(hook);
  return `${method} ${path}`;
}

/** An address of a target, with its path in the configuration. */
interface Place {
  readonly path: readonly string[];
  readonly address: string;
}

/** The addresses of a target that are neither local nor allowed. */
export function foreignPlaces(
  target: z.infer<typeof urlTarget>,
  allow: readonly string[],
): { readonly path: readonly string[]; readonly says: string }[] {
  return addressesIn(target).flatMap(({ path, address }) => {
    const foreign = foreignHost(address, allow);
    return foreign === null ? [] : [{ path, says: `the address ${foreign}` }];
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
    // The host may depend on the replica; the check uses the name "a".
    const it = methodAndPath(hook).path.replaceAll("${replica}", "a");
    return [{ path: ["hooks", name], address: it }];
  });
  return [...own, ...stored, ...asked];
}
