import { z } from "zod";
import { promises } from "./promises.ts";
import { template } from "./request.ts";
import type { Configuration } from "./configuration.ts";
import type { Mistake } from "./mistake.ts";
import { suggestion } from "./nearest.ts";

const expectation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("holds") }),
  z.strictObject({
    kind: z.enum(["violated", "inconclusive"]),
    checker: z.string().nullable().default(null),
    diagnoses: z.array(z.string()).readonly(),
    reason: z.string().nullable().default(null),
  }),
]);

const breaks = z.record(z.string(), expectation).default({});

export const variant = z.strictObject({
  /** One sentence: what was swapped. */
  about: z.string().default(""),
  env: z.record(z.string(), template).default({}),
  /** The scenarios that it breaks; the others are not run on it unless they are asked for. */
  breaks,
});

/** How a target is judged: the same for whatever runs it. */
export const judgedShape = {
  promises: promises.prefault({}),
  /** Names of the scenarios to run; without it all that it can be put to. */
  only: z.array(z.string()).optional(),
  /** Scenarios that are not run, each with the reason. */
  skip: z.record(z.string(), z.string().min(1)).default({}),
  /** What is expected of the plain target where that is not `holds`. */
  breaks,
  variants: z.record(z.string(), variant).default({}),
};

/** Where a configuration names a scenario that there is not. */
export function unknownNames(
  { targets }: Configuration,
  scenarios: readonly string[],
): readonly Mistake[] {
  return Object.entries(targets).flatMap(([target, definition]) => {
    const { only = [], skip, breaks, variants } = definition;
    const envIn = definition.kind === "command" ? definition.envIn : {};
    const namesIn = (names: object, ...path: string[]): [string, PropertyKey[]][] =>
      Object.keys(names).map((name) => [name, [...path, name]]);
    const named: [string, PropertyKey[]][] = [
      ...only.map((name, index): [string, PropertyKey[]] => [name, ["only", index]]),
      ...namesIn(skip, "skip"),
      ...namesIn(envIn, "envIn"),
      ...namesIn(breaks, "breaks"),
      ...Object.entries(variants).flatMap(([variant, it]) =>
        namesIn(it.breaks, "variants", variant, "breaks"),
      ),
    ];
    return named
      .filter(([name]) => !scenarios.includes(name))
      .map(([name, path]) => ({
        path: ["targets", target, ...path],
        says: `no scenario "${name}"${suggestion(name, scenarios)}; there are ${scenarios.join(", ")}`,
      }));
  });
}
