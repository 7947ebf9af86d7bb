import { z } from "zod";
import { commandTarget } from "./command-target.ts";
import { type Environment, type Interpolated, interpolate } from "./environment.ts";
import { gapsIn } from "./missing-fields.ts";
import type { variant } from "./judgement.ts";
import { type Mistake, mistakesIn } from "./config-error.ts";
import { unknownTemplateNames } from "./template-variables.ts";
import { readAs, schemaAt } from "./schema-place.ts";
import { foreignPlaces, urlTarget } from "./url-target.ts";

/**
 * The services under test, as their owners describe them: how a replica is started, or where it is;
 * how to say something, and where the thread id goes; what is promised. Texts are templates.
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

export type CommandTarget = z.infer<typeof commandTarget>;
export type UrlTarget = z.infer<typeof urlTarget>;
export type Target = CommandTarget | UrlTarget;
export type Variant = z.infer<typeof variant>;
export type CommandInput = z.input<typeof commandTarget>;
export type UrlInput = z.input<typeof urlTarget>;
export type Configuration = z.infer<typeof configuration>;
export type ConfigurationInput = z.input<typeof configuration>;

/** A target that is started by a command line, once per replica. */
export function command(definition: Omit<CommandInput, "kind">): CommandInput {
  return { ...definition, kind: "command" };
}

/** A target that is deployed already. */
export function url(definition: Omit<UrlInput, "kind">): UrlInput {
  return { ...definition, kind: "url" };
}

/** The configuration of a project: its targets by name. */
export function defineConfig(definition: ConfigurationInput): ConfigurationInput {
  return definition;
}

/** Where a configuration was found, and what is around it. */
export interface Around {
  /** The line of what stands at a path, where that can be told. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
  readonly environment: Environment;
}

const nowhere: Around = { lineOf: () => null, environment: process.env };

/**
 * A configuration with its environment filled in: as a number, or true or false, where that is
 * what is allowed and the whole value comes from there.
 */
export function withEnvironment(written: unknown, environment: Environment): Interpolated {
  return interpolate(written, environment, (text, path) =>
    readAs(schemaAt(configuration, written, path), text),
  );
}

/**
 * Believes a configuration once: fills in its environment, and holds it against what is allowed.
 * Throws one sentence per mistake: where, what was found, what is allowed.
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
  if (parsed.success && mistakes.length === 0) return parsed.data;
  throw new Error(mistakes.map((it) => placed(it, file, lineOf)).join("\n"));
}

/** Whom it would have us speak with though nobody has allowed it. */
function foreignIn({ targets, allow }: Configuration): Mistake[] {
  return Object.entries(targets).flatMap(([name, target]) =>
    target.kind === "command"
      ? []
      : foreignPlaces(target, allow).map(({ path, says }) => ({
          path: ["targets", name, ...path],
          says,
        })),
  );
}

function allGapsIn({ targets }: Configuration): Mistake[] {
  return Object.entries(targets).flatMap(([name, target]) =>
    gapsIn(target).map(({ path, says }) => ({ path: ["targets", name, ...path], says })),
  );
}

/** A mistake with its place: `threadproof.config.yaml:12: targets.mine.start: missing; …`. */
export function placed({ path, says }: Mistake, file: string, lineOf: Around["lineOf"]): string {
  const line = lineOf(path);
  const place = line === null ? file : `${file}:${line}`;
  return `${place}: ${path.map(String).join(".") || "the whole"}: ${says}`;
}

/** The target as a variant of it is started; null: as it is. */
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

/** For a backend that starts what it runs. Throws for a target that is deployed already. */
export function commandOf(target: Target): CommandTarget {
  if (target.kind === "command") return target;
  throw new Error("a target that is deployed already cannot be started");
}
