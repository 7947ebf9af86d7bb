import type { Mistake } from "./config-error.ts";
import type { Configuration } from "./configuration.ts";
import { suggestion } from "./did-you-mean.ts";

/** The places of a configuration that name an unknown scenario. */
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
        says: `no scenario "${name}"${suggestion(name, scenarios)}; scenarios: ${scenarios.join(", ")}`,
      }));
  });
}
