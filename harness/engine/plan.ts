import type { Baseline } from "./baseline.ts";
import type { NamedScenario } from "./load.ts";
import { type Expectation, holds } from "../checkers/expectation.ts";
import { caseOf, type Subject } from "./run.ts";
import type { Configuration, Target } from "../config/configuration.ts";
import { suggestion } from "../config/did-you-mean.ts";

/** A subject and what is expected of it. */
export interface Job {
  readonly subject: Subject;
  readonly expected: Expectation;
  /** True where the expectation is a baseline's: it is stale as soon as the claim holds. */
  readonly accepted: boolean;
  /** Counts the repetitions, from 0. */
  readonly round: number;
  /** Why the target's owner does not want it run; null: it is run. */
  readonly skipped: string | null;
}

export interface Selection {
  /** Names; empty: all. */
  readonly scenarios: readonly string[];
  readonly targets: readonly string[];
  /** Names, or "plain"; empty: the plain target on everything, each variant on what it breaks. */
  readonly variants: readonly string[];
  readonly runs: number;
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

/** Why a target is not to be put to a scenario, also where that is asked for by name. */
export function skippedBy({ skip, only }: Target, scenario: string): string | null {
  const reason = skip[scenario];
  if (reason !== undefined) return `the configuration skips it: ${reason}`;
  if (only === undefined || only.includes(scenario)) return null;
  return "the configuration does not name it in `only`";
}

interface Case {
  readonly variant: Subject["variant"];
  /** What the configuration expects; undefined: that the claim holds. */
  readonly own: Expectation | undefined;
}

/** The plain target, and the variants that a scenario is run on: those it breaks, or asked for. */
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

/** Throws where one of `asked` is not among `there`. */
function known(noun: string, asked: readonly string[], there: readonly string[]): void {
  for (const name of asked) {
    if (there.includes(name)) continue;
    throw new Error(
      `no ${noun} "${name}"${suggestion(name, there)}; there are ${there.join(", ")}`,
    );
  }
}
