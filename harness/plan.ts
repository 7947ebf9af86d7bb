import type { Baseline } from "./baseline.ts";
import type { NamedScenario } from "./catalogue.ts";
import { type Expectation, holds } from "./expectation.ts";
import type { Subject } from "./run.ts";
import type { Configuration } from "./target.ts";

/** A subject and what is expected of it. */
export interface Job {
  readonly subject: Subject;
  readonly expected: Expectation;
  /** True where the expectation is a baseline's: it is stale as soon as the claim holds. */
  readonly accepted: boolean;
  /** Counts the repetitions, from 0. */
  readonly round: number;
}

export interface Selection {
  /** Names; empty: all. */
  readonly scenarios: readonly string[];
  readonly targets: readonly string[];
  /** Names, or "plain"; empty: the plain target on everything, each variant on what it breaks. */
  readonly variants: readonly string[];
  readonly repeat: number;
}

/**
 * What is to be run. By default every scenario on the plain target, and every variant on the
 * scenarios that it breaks. Throws where a name is not known, with those that are.
 */
export function planOf(
  scenarios: readonly NamedScenario[],
  configuration: Configuration,
  selection: Selection,
  baseline: Baseline | null,
): Job[] {
  const targets = Object.entries(configuration.targets);
  const variants = [...new Set(targets.flatMap(([, it]) => Object.keys(it.variants)))];
  known(
    "scenario",
    selection.scenarios,
    scenarios.map((it) => it.name),
  );
  known(
    "target",
    selection.targets,
    targets.map(([name]) => name),
  );
  known("variant", selection.variants, ["plain", ...variants]);
  const chosen = (names: readonly string[], name: string): boolean =>
    names.length === 0 || names.includes(name);
  const jobs: Job[] = [];
  for (let round = 0; round < selection.repeat; round += 1) {
    for (const scenario of scenarios.filter((it) => chosen(selection.scenarios, it.name))) {
      for (const [name, definition] of targets.filter(([it]) => chosen(selection.targets, it))) {
        const target = { name, definition };
        const add = (variant: Subject["variant"], own: Expectation | undefined): void => {
          const accepted = baseline?.find(name, variant?.name ?? null, scenario.name) ?? null;
          const expected = accepted ?? own ?? holds;
          jobs.push({
            subject: { scenario, target, variant },
            expected,
            accepted: accepted !== null,
            round,
          });
        };
        if (chosen(selection.variants, "plain")) add(null, definition.breaks[scenario.name]);
        for (const [variantName, variant] of Object.entries(definition.variants)) {
          const asked = selection.variants.includes(variantName) && selection.scenarios.length > 0;
          const breaks = variant.breaks[scenario.name];
          if (!chosen(selection.variants, variantName)) continue;
          if (asked || breaks !== undefined)
            add({ name: variantName, definition: variant }, breaks);
        }
      }
    }
  }
  return jobs;
}

/** Throws where one of `asked` is not among `there`. */
function known(noun: string, asked: readonly string[], there: readonly string[]): void {
  for (const name of asked) {
    if (!there.includes(name))
      throw new Error(`no ${noun} "${name}"; there are ${there.join(", ")}`);
  }
}
