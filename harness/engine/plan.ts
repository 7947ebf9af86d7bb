import type { Baseline } from "./baseline.ts";
import type { NamedScenario } from "./load.ts";
import { type Expectation, holds } from "../checkers/expectation.ts";
import { caseOf, type Subject } from "./run.ts";
import type { Configuration, Target } from "../config/configuration.ts";
import { suggestion } from "../config/did-you-mean.ts";

/** A subject and its expectation. */
export interface Job {
  readonly subject: Subject;
  readonly expected: Expectation;
  /** Whether the expectation is from a baseline: then it is stale as soon as the claim holds. */
  readonly accepted: boolean;
  /** Counts the repetitions, from 0. */
  readonly round: number;
  /** Why the configuration excludes it; null: it runs. */
  readonly skipped: string | null;
}

export interface Selection {
  /** Names; empty: all. */
  readonly scenarios: readonly string[];
  readonly targets: readonly string[];
  /** Names, or "plain"; empty: all scenarios on the plain target, each variant on its breaks. */
  readonly variants: readonly string[];
  readonly runs: number;
}

/**
 * Plans the jobs of a run. By default every scenario on the plain target, and every variant on the
 * scenarios that it breaks. Throws if a name is unknown, and lists the known ones.
 */
export function planOf(
  scenarios: readonly NamedScenario[],
  configuration: Configuration,
  selection: Selection,
  baseline: Baseline | null,
): Job[] {
  const targets = Object.entries(configuration.targets);
  const variants = [...new Set(targets.flatMap(([, it]) => Object.keys(it.variants)))];
  demandKnown(
    "scenario",
    selection.scenarios,
    scenarios.map((it) => it.name),
  );
  demandKnown(
    "target",
    selection.targets,
    targets.map(([name]) => name),
  );
  demandKnown("variant", selection.variants, ["plain", ...variants]);
  return Array.from({ length: selection.runs }, (_, round) => round).flatMap((round) =>
    scenarios
      .filter((scenario) => chosen(selection.scenarios, scenario.name))
      .flatMap((scenario) =>
        targets
          .filter(([name]) => chosen(selection.targets, name))
          .flatMap(([name, definition]) =>
            casesOf(definition, scenario.name, selection).map(({ variant, own }): Job => {
              const subject = { scenario, target: { name, definition }, variant };
              const accepted = baseline?.find(caseOf(subject)) ?? null;
              const expected = accepted ?? own ?? holds;
              const skipped = skippedBy(definition, scenario.name);
              return { subject, expected, accepted: accepted !== null, round, skipped };
            }),
          ),
      ),
  );
}

/** Why the configuration excludes a scenario, even one selected by name; null: it does not. */
export function skippedBy({ skip, only }: Target, scenario: string): string | null {
  const reason = skip[scenario];
  if (reason !== undefined) return `the configuration skips it: ${reason}`;
  if (only === undefined || only.includes(scenario)) return null;
  return "the configuration does not name it in `only`";
}

interface Case {
  readonly variant: Subject["variant"];
  /** The expectation in the configuration; undefined: the claim holds. */
  readonly own: Expectation | undefined;
}

/** The plain target, and the variants that break the scenario or that the user selected. */
function casesOf(target: Target, scenario: string, selection: Selection): Case[] {
  const asked = (name: string): boolean =>
    selection.scenarios.length > 0 && selection.variants.includes(name);
  const variants = Object.entries(target.variants)
    .map(([name, definition]) => ({
      variant: { name, definition },
      own: definition.breaks[scenario],
    }))
    .filter(({ variant, own }) => own !== undefined || asked(variant.name));
  return [{ variant: null, own: target.breaks[scenario] }, ...variants].filter(({ variant }) =>
    chosen(selection.variants, variant?.name ?? "plain"),
  );
}

function chosen(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

/** Throws if one of `asked` is not in `known`. */
function demandKnown(noun: string, asked: readonly string[], known: readonly string[]): void {
  for (const name of asked) {
    if (known.includes(name)) continue;
    throw new Error(
      `no ${noun} "${name}"${suggestion(name, known)}; there are ${known.join(", ")}`,
    );
  }
}
