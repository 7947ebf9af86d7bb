import { z } from "zod";
import { commandTarget } from "./command.ts";
import type { variant } from "./judged.ts";
import { foreignPlaces, urlTarget } from "./url.ts";

/**
 * The services under test, as their owners describe them: how a replica is started, or where it is;
 * how to say something, and where the thread id goes; what is promised. Texts are templates.
 */
const configuration = z
  .strictObject({
    targets: z.record(z.string(), z.discriminatedUnion("kind", [commandTarget, urlTarget])),
    /** Folders of scenarios of one's own, relative to the configuration. */
    scenarios: z.array(z.string()).default([]),
    /** Hosts besides this machine that may be spoken with. */
    allow: z.array(z.string()).default([]),
  })
  .superRefine(({ targets, allow }, context) => {
    for (const [name, target] of Object.entries(targets)) {
      if (target.kind !== "url") continue;
      for (const { path, message } of foreignPlaces(target, allow)) {
        context.addIssue({ code: "custom", path: ["targets", name, ...path], message });
      }
    }
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

/** Believes a configuration once. Throws one sentence per mistake: where, what, what is allowed. */
export function parseConfiguration(value: unknown, file: string): Configuration {
  const parsed = configuration.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `${file}: ${issue.path.join(".") || "the default export"}: ${issue.message}`,
  );
  throw new Error(mistakes.join("\n"), { cause: parsed.error });
}

/** For a backend that starts what it runs. Throws for a target that is deployed already. */
export function commandOf(target: Target): CommandTarget {
  if (target.kind === "command") return target;
  throw new Error("a target that is deployed already cannot be started");
}
