import { existsSync } from "node:fs";
import type { Configuration } from "../../harness/config/configuration.ts";
import type { NamedScenario } from "../../harness/engine/load.ts";
import { code, codes, table } from "./page.ts";

/** A variant that is expected to break a scenario. */
interface Break {
  readonly variant: string;
  readonly about: string;
  readonly verdict: string;
  readonly checker: string | null;
  readonly diagnoses: readonly string[];
  readonly perhaps: readonly string[];
}

function breaksOf({ targets }: Configuration, scenario: string): Break[] {
  return Object.values(targets).flatMap(({ variants }) =>
    Object.entries(variants).flatMap(([variant, { about, breaks }]) => {
      const expected = breaks[scenario];
      if (expected === undefined || expected.kind === "holds") return [];
      const { checker, diagnoses, perhaps } = expected;
      return [{ variant, about, verdict: expected.kind, checker, diagnoses, perhaps }];
    }),
  );
}

/** The first table of the page: every scenario with its claim. */
export function scenarioIndex(scenarios: readonly NamedScenario[]): string {
  const rows = scenarios.map(({ name, definition }) => [`[${name}](#${name})`, definition.claim]);
  return table(["scenario", "claim"], rows);
}

/** One section for each scenario. `faultsOf` gives the faults that it uses. */
export function scenarioSections(
  scenarios: readonly NamedScenario[],
  { configuration, root, faultsOf }: Sources,
): string {
  const sections = scenarios.map(({ name, definition: { claim, needs, checks } }) => {
    const faults = faultsOf(name).map((fault) => `[${fault}](faults.md#${fault.toLowerCase()})`);
    const mistakes = breaksOf(configuration, name).map((it) => [
      `${mistakeLink(root, it.variant)}: ${it.about}`,
      it.checker === null ? "any" : code(it.checker),
      [
        codes(it.diagnoses),
        ...(it.perhaps.length > 0 ? [`perhaps ${codes(it.perhaps)}`] : []),
      ].join("; "),
    ]);
    return [
      `### ${name}`,
      `${claim[0]?.toUpperCase()}${claim.slice(1)}.`,
      [
        `* Needs: ${codes(needs)}`,
        `* Faults: ${faults.length === 0 ? "–" : faults.join(", ")}`,
        `* Checkers: ${codes(checks.map((it) => it.name))}`,
        `* Source: [scenarios/${name}.ts](../scenarios/${name}.ts)`,
      ].join("\n"),
      mistakes.length === 0
        ? "No mistake of the reference app breaks it."
        : table(["mistake that breaks it", "found by", "diagnoses"], mistakes),
    ].join("\n\n");
  });
  return sections.join("\n\n");
}

interface Sources {
  readonly configuration: Configuration;
  readonly root: string;
  readonly faultsOf: (scenario: string) => readonly string[];
}

/** A mistake links to its file where it has one. */
function mistakeLink(root: string, variant: string): string {
  const file = `reference-app/mistakes/${variant}.ts`;
  return existsSync(`${root}/${file}`) ? `[${variant}](../${file})` : code(variant);
}
