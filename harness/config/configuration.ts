import { z } from "zod";
import { assumedPromises } from "./assumed-promises.ts";
import { commandTarget } from "./command-target.ts";
import { type Environment, type Interpolated, interpolate } from "./environment.ts";
import { gapsIn } from "./missing-fields.ts";
import type { variant } from "./judgement.ts";
import { type Mistake, mistakesIn } from "./config-error.ts";
import { unknownTemplateNames } from "./template-variables.ts";
import { readAs, schemaAt } from "./schema-place.ts";
import { foreignPlaces, urlTarget } from "./url-target.ts";

/**
 * The services under test: how to start a replica or where it is, how to send a message and a
 * thread id, and the promises. Strings are templates.
 */
export const configuration = z.strictObject({
  $schema: z.string().optional().describe("Path of this JSON Schema, for editors."),
  targets: z
    .record(z.string(), z.discriminatedUnion("kind", [commandTarget, urlTarget]))
    .describe("The services under test, by name."),
  scenarios: z
    .array(z.string())
    .default([])
    .describe("Folders with your own scenarios, relative to this file."),
  allow: z
    .array(z.string())
    .default([])
    .describe(
      "Hosts that threadproof may send requests to, besides this machine: host or " + "host:port.",
    ),
});

/** What parsing adds to a target. */
interface Parsed {
  /** The paths of the promises that it does not declare. */
  readonly assumed: readonly string[];
}

export type CommandTarget = z.infer<typeof commandTarget> & Parsed;
export type UrlTarget = z.infer<typeof urlTarget> & Parsed;
export type Target = CommandTarget | UrlTarget;
export type Variant = z.infer<typeof variant>;
export type CommandInput = z.input<typeof commandTarget>;
export type UrlInput = z.input<typeof urlTarget>;
type Written = z.infer<typeof configuration>;
export type Configuration = Omit<Written, "targets"> & {
  readonly targets: Record<string, Target>;
};
export type ConfigurationInput = z.input<typeof configuration>;

/** A target that a command line starts, once per replica. */
export function command(definition: Omit<CommandInput, "kind">): CommandInput {
  return { ...definition, kind: "command" };
}

/** A target that is already deployed. */
export function url(definition: Omit<UrlInput, "kind">): UrlInput {
  return { ...definition, kind: "url" };
}

/** The configuration of a project: its targets by name. */
export function defineConfig(definition: ConfigurationInput): ConfigurationInput {
  return definition;
}

/** The context of a configuration: its lines and the environment variables. */
export interface Around {
  /** The line of the value at a path; null: unknown. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
  readonly environment: Environment;
}

const nowhere: Around = { lineOf: () => null, environment: process.env };

/**
 * Fills in environment variables. If a whole value comes from one, and the schema allows a number
 * or a boolean but no string, the value is converted.
 */
export function withEnvironment(written: unknown, environment: Environment): Interpolated {
  return interpolate(written, environment, (text, path) =>
    readAs(schemaAt(configuration, written, path), text),
  );
}

/**
 * Fills in environment variables and validates the configuration. Throws an Error with one line per
 * mistake: its place, the found value and the expected value.
 */
export function parseConfiguration(
  written: unknown,
  file: string,
  { lineOf, environment }: Around = nowhere,
): Configuration {
  const { value, missing } = withEnvironment(written, environment);
  const parsed = configuration.safeParse(value);
  const gone = new Set(missing.map(({ path }) => path.join(".")));
  const others = [
    ...mistakesIn(configuration, { value, written }),
    ...unknownTemplateNames(written),
    ...(parsed.success ? [...foreignIn(parsed.data), ...allGapsIn(parsed.data)] : []),
  ];
  const mistakes = [...missing, ...others.filter(({ path }) => !gone.has(path.join(".")))].toSorted(
    (a, b) => (lineOf(a.path) ?? 0) - (lineOf(b.path) ?? 0),
  );
  if (parsed.success && mistakes.length === 0) return withAssumed(parsed.data, value);
  throw new Error(mistakes.map((it) => placed(it, file, lineOf)).join("\n"));
}

/** `written`: the same configuration before defaults took the place of what is missing. */
function withAssumed(parsed: Written, written: unknown): Configuration {
  const before = (written as { targets: Record<string, { promises?: unknown }> }).targets;
  const targets = Object.entries(parsed.targets).map(([name, target]): [string, Target] => {
    const assumed = assumedPromises(before[name]?.promises, target.promises);
    return [name, { ...target, assumed }];
  });
  return { ...parsed, targets: Object.fromEntries(targets) };
}

/** Addresses of the configuration that are neither local nor allowed. */
function foreignIn({ targets, allow }: Written): Mistake[] {
  return Object.entries(targets).flatMap(([name, target]) =>
    target.kind === "command"
      ? []
      : foreignPlaces(target, allow).map(({ path, says }) => ({
          path: ["targets", name, ...path],
          says,
        })),
  );
}

function allGapsIn({ targets }: Written): Mistake[] {
  return Object.entries(targets).flatMap(([name, target]) =>
    gapsIn(target).map(({ path, says }) => ({ path: ["targets", name, ...path], says })),
  );
}

/** A mistake with its place: `threadproof.config.yaml:12: targets.mine.start: missing; …`. */
export function placed({ path, says }: Mistake, file: string, lineOf: Around["lineOf"]): string {
  const line = lineOf(path);
  const place = line === null ? file : `${file}:${line}`;
  return `${place}: ${path.map(String).join(".") || "(root)"}: ${says}`;
}

/** The target with the command line and image of a variant; null: unchanged. */
export function variedBy(target: Target, variant: { readonly name: string } | null): Target {
  const own = target.kind === "command" ? target.variants[variant?.name ?? ""] : undefined;
  if (target.kind !== "command" || own === undefined) return target;
  const { start = target.start, container } = own;
  return {
    ...target,
    start,
    ...(target.container !== undefined && { container: { ...target.container, ...container } }),
  };
}

/** For backends that start the service. Throws for a target that is already deployed. */
export function commandOf(target: Target): CommandTarget {
  if (target.kind === "command") return target;
  throw new Error("this target is already deployed, so threadproof cannot start it");
}
