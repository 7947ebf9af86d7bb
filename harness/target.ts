import { z } from "zod";
import { type Capability, levels } from "./history.ts";

/**
 * The service under test, as its owner describes it: how to start a replica, how to say something,
 * where the thread id goes, which environment variables carry the database and the model.
 *
 * Texts are templates. In `start`, `migrate` and `env`: `${port}` (to listen on), `${replica}` (its
 * name), `${database}` (a Postgres URL), `${model}` and `${tools}` (base URLs), `${scratch}` (a
 * folder that is removed after the run), `${bundle:FILE}` (one JavaScript file made of a TypeScript
 * or JavaScript entry, relative to the configuration). In requests: `${thread}`, `${message}`,
 * `${turn}` (a request id), `${user}`.
 */
const template = z.string();

const methods = ["get", "post", "put", "patch", "delete"] as const;

const requestShape = {
  get: template.optional(),
  post: template.optional(),
  put: template.optional(),
  patch: template.optional(),
  delete: template.optional(),
  headers: z.record(z.string(), template).default({}),
  /** Sent as JSON. A value that is just `"${thread}"` keeps the type of the thread id. */
  json: z.json().optional(),
};

/** A request with fields of its own: exactly one method with its path. */
function request<Extra extends z.ZodRawShape>(extra: Extra) {
  return z.strictObject({ ...requestShape, ...extra }).refine((it) => methodsOf(it).length === 1, {
    error: `needs exactly one of ${methods.join(", ")}, with a path`,
  });
}

function methodsOf(it: object): string[] {
  return methods.filter((method) => method in it && it[method as keyof typeof it] !== undefined);
}

const jsonPath = z.string().startsWith("$", { error: 'a JSON path begins with "$"' });

const expectation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("holds") }),
  z.strictObject({
    kind: z.enum(["violated", "inconclusive"]),
    checker: z.string().nullable(),
    diagnoses: z.array(z.string()).readonly(),
    reason: z.string().nullable(),
  }),
]);

const breaks = z.record(z.string(), expectation).default({});

const promises = z.strictObject({
  level: z.enum(levels).default("L6"),
  window: z.number().int().positive().nullable().default(null),
  concurrency: z.enum(["reject", "enqueue", "interrupt", "none"]).default("reject"),
  recoveryMs: z.number().positive().default(2_000),
  answerMs: z.number().positive().default(10_000),
  drainMs: z.number().positive().default(10_000),
  growth: z
    .strictObject({
      bytes: z.enum(["linear", "quadratic"]).default("linear"),
      rowsPerTurn: z.number().positive().nullable().default(null),
    })
    .prefault({}),
});

const variant = z.strictObject({
  /** One sentence: what was swapped. */
  about: z.string().default(""),
  env: z.record(z.string(), template).default({}),
  /** The scenarios that it breaks; the others are not run on it unless they are asked for. */
  breaks,
});

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

const commandTarget = z.strictObject({
  kind: z.literal("command"),
  /** The command line of one replica, run without a shell, so that signals arrive. */
  start: template,
  /** For the docker backend: how a replica is run as a container. */
  container: container.optional(),
  /** Run once on an empty database before any replica; without it one replica is booted for it. */
  migrate: template.optional(),
  env: z.record(z.string(), template).default({}),
  /** Ready is what answers with this status. */
  ready: request({
    status: z.number().int().default(200),
    withinMs: z.number().positive().default(10_000),
  }),
  /** Makes a thread; `id` is where its id stands in the answer. Without it we make a uuid. */
  thread: request({ id: jsonPath }).optional(),
  say: request({ reply: jsonPath }),
  /** Reads a thread; `list` finds the texts of its messages, in order. */
  read: request({ list: jsonPath }).optional(),
  delete: request({}).optional(),
  /** Statuses by which the service promises that nothing happened. */
  refusals: z.array(z.number().int()).default([400, 401, 403, 404, 409]),
  /** How a turn without an answer is repeated. */
  retry: z.enum(["same-request-id", "resend", "none"]).default("resend"),
  /** An attempt without an answer after this long is unknown. */
  turnTimeoutMs: z.number().positive().default(15_000),
  /** Tools that the service offers to its model, and that act through `${tools}`. */
  tools: z.array(z.string()).default([]),
  promises: promises.prefault({}),
  /** What is expected of the plain target where that is not `holds`. */
  breaks,
  variants: z.record(z.string(), variant).default({}),
});

const configuration = z.strictObject({ targets: z.record(z.string(), commandTarget) });

export type Target = z.infer<typeof commandTarget>;
export type Variant = z.infer<typeof variant>;
export type TargetInput = z.input<typeof commandTarget>;
export type Configuration = z.infer<typeof configuration>;
export type ConfigurationInput = z.input<typeof configuration>;
/** Any of the requests of a target. */
export type Request = z.infer<z.ZodObject<typeof requestShape>>;

/** A target that is started by a command line, once per replica. */
export function command(definition: Omit<TargetInput, "kind">): TargetInput {
  return { ...definition, kind: "command" };
}

/** The configuration of a project: its targets by name. */
export function defineConfig(definition: ConfigurationInput): ConfigurationInput {
  return definition;
}

/** Believes a configuration once. Throws one sentence per mistake: where, what, what is allowed. */
export function parseConfiguration(value: unknown, file: string): Configuration {
  const parsed = configuration.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `${file}: ${issue.path.join(".") || "the default export"}: ${issue.message}`,
  );
  throw new Error(mistakes.join("\n"), { cause: parsed.error });
}

/** Method and path template of a request. */
export function methodAndPath(it: Request): { method: string; path: string } {
  for (const method of methods) {
    const path = it[method];
    if (path !== undefined) return { method: method.toUpperCase(), path };
  }
  throw new Error("a request without a method was not refused by the parser");
}

/** What a target can be asked for, on a backend that runs processes beside a database of ours. */
export function capabilitiesOf(target: Target): Capability[] {
  const uses = (name: string): boolean =>
    Object.values(target.env).some((value) => value.includes(`\${${name}}`));
  return [
    "replicas",
    "kill",
    "terminate",
    "pause",
    "boot",
    ...(uses("model") ? (["model", "model-hold"] as const) : []),
    ...(uses("tools") && target.tools.length > 0 ? (["tools"] as const) : []),
    ...(uses("database") ? (["database", "database-restart"] as const) : []),
    ...(target.read === undefined ? [] : (["state"] as const)),
    ...(target.delete === undefined ? [] : (["delete"] as const)),
    ...(target.retry === "none" ? [] : (["retry"] as const)),
  ];
}

/**
 * Fills the `${names}` of a template. A value that is nothing but one name keeps the type of what
 * it names; an object loses the fields whose value is `undefined`, so that a field can be absent.
 */
export function fill(value: unknown, names: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === "string") {
    const whole = /^\$\{([\w-]+)\}$/.exec(value)?.[1];
    if (whole !== undefined && whole in names) return names[whole];
    return fillText(value, names);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, fill(item, names)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

/**
 * Fills a template into a text. Throws where a name is not known: a typing mistake, told at once.
 */
export function fillText(text: string, names: Readonly<Record<string, unknown>>): string {
  return text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => {
    if (name in names) return String(names[name]);
    const known = Object.keys(names).map((it) => `\${${it}}`);
    throw new Error(`\${${name}} in "${text}" is not known here; there are ${known.join(", ")}`);
  });
}
