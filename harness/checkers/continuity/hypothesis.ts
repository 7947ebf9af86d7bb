/**
 * A cause is a hypothesis about the facts of a run. It is named only if everything that it requires
 * was seen and nothing excludes it; of several that fit, the one that explains most facts.
 */
import { type ExperimentName, experimentNames } from "../../history/experiment.ts";
import type { Entry } from "../../history/history.ts";
import type { PlainKind } from "../findings.ts";
import type { Evidence } from "./run-evidence.ts";
import type { Fact } from "./facts.ts";

export interface Hypothesis {
  readonly kind: PlainKind;
  /** Why this fact shows the cause, as the end of a sentence; null: it does not show it. */
  requires(fact: Fact, evidence: Evidence): string | null;
  /** What contradicts the cause in the whole run; null: nothing does. */
  excludes?(shown: readonly Fact[], evidence: Evidence): string | null;
  /** Whether it also explains this fact, given those that show it. */
  explains?(fact: Fact, shown: readonly Fact[], evidence: Evidence): boolean;
  /** Entries that prove it, beside those of the facts. */
  proof?(shown: readonly Fact[], evidence: Evidence): readonly Entry[];
  /** Whether the violation occurs again in an experiment; absent: either is possible. */
  readonly predicts?: Readonly<Partial<Record<ExperimentName, "violated" | "holds">>>;
}

/** A hypothesis that fits. */
export interface Fit {
  readonly hypothesis: Hypothesis;
  /** The facts that show it, and the reason of the first. */
  readonly shown: readonly Fact[];
  readonly because: string;
  /** All facts that it explains, those that show it included. */
  readonly explained: ReadonlySet<Fact>;
}

/** A fit that an experiment contradicts, or an exclusion: it is not named. */
export interface Refuted {
  readonly kind: PlainKind;
  readonly why: string;
}

export interface Considered {
  readonly fits: readonly Fit[];
  readonly refuted: readonly Refuted[];
}

/** All hypotheses whose requirements were seen. */
export function consider(
  hypotheses: readonly Hypothesis[],
  facts: readonly Fact[],
  evidence: Evidence,
): Considered {
  const fits: Fit[] = [];
  const refuted: Refuted[] = [];
  for (const hypothesis of hypotheses) {
    const shown: Fact[] = [];
    let because = "";
    for (const fact of facts) {
      const why = hypothesis.requires(fact, evidence);
      if (why === null) continue;
      if (shown.length === 0) because = why;
      shown.push(fact);
    }
    if (shown.length === 0) continue;
    const why = hypothesis.excludes?.(shown, evidence) ?? null;
    if (why !== null) {
      refuted.push({ kind: hypothesis.kind, why });
      continue;
    }
    const more = facts.filter(
      (fact) => !shown.includes(fact) && hypothesis.explains?.(fact, shown, evidence) === true,
    );
    fits.push({ hypothesis, shown, because, explained: new Set([...shown, ...more]) });
  }
  const contradicted = fits.map((fit) => contradictionOf(fit, fits, evidence));
  return {
    fits: fits.filter((_, place) => contradicted[place] === null),
    refuted: [
      ...refuted,
      ...fits.flatMap(({ hypothesis: { kind } }, place) => {
        const why = contradicted[place] ?? null;
        return why === null ? [] : [{ kind, why }];
      }),
    ],
  };
}

/**
 * The experiment that came out otherwise than the cause predicts. A service may have two causes, so
 * such a violation does not count if another cause was seen that explains other facts here.
 */
function contradictionOf(fit: Fit, fits: readonly Fit[], evidence: Evidence): string | null {
  const { kind, predicts = {} } = fit.hypothesis;
  const isRival = (other: Fit) => fit.shown.every((fact) => other.explained.has(fact));
  for (const { name, outcome, violated, kinds } of evidence.experiments) {
    const predicted = predicts[name];
    if (predicted === "violated" && outcome === "holds") return `"${name}" held`;
    if (predicted !== "holds" || outcome !== "violated") continue;
    if (!violated.includes("remembers-everything")) continue;
    const others = fits.filter(
      (other) => other !== fit && kinds.includes(other.hypothesis.kind) && !isRival(other),
    );
    if (others.length === 0 || kinds.includes(kind)) return `"${name}" was violated too`;
  }
  return null;
}

/** Causes that explain the same facts, and the experiments that could tell them apart. */
export interface Tie {
  readonly fits: readonly Fit[];
  readonly experiments: readonly ExperimentName[];
}

export interface Choice {
  readonly chosen: readonly Fit[];
  readonly ties: readonly Tie[];
  /** The facts that no cause explains, or more than one. */
  readonly rest: readonly Fact[];
}

/**
 * The fewest causes that explain the facts: again and again the one that explains most of the rest.
 * If two explain equally many and an experiment that was not played would tell them apart, neither
 * is named. Otherwise the one that comes first in the table of hypotheses is.
 */
export function choose(fits: readonly Fit[], facts: readonly Fact[]): Choice {
  const chosen: Fit[] = [];
  const ties: Tie[] = [];
  const tied = new Set<Fact>();
  let rest = facts;
  for (;;) {
    const counted = fits
      .map((fit) => ({ fit, count: rest.filter((fact) => fit.explained.has(fact)).length }))
      // A fact that only follows from a cause is no reason to name it.
      .filter(({ fit }) => fit.shown.some((fact) => rest.includes(fact)));
    const most = Math.max(...counted.map(({ count }) => count));
    const [best, ...others] = counted.filter(({ count }) => count === most).map(({ fit }) => fit);
    if (best === undefined) return { chosen, ties, rest: [...rest, ...tied] };
    const rivals = others.flatMap((other) => {
      const experiments = tellingApart(best, other);
      return experiments.length === 0 ? [] : [{ other, experiments }];
    });
    if (rivals.length === 0) chosen.push(best);
    else {
      const experiments = [...new Set(rivals.flatMap((rival) => rival.experiments))];
      ties.push({ fits: [best, ...rivals.map(({ other }) => other)], experiments });
      for (const fact of rest) if (best.explained.has(fact)) tied.add(fact);
    }
    rest = rest.filter((fact) => !best.explained.has(fact));
  }
}

/** The experiments of which two causes predict opposite outcomes. */
function tellingApart(one: Fit, other: Fit): ExperimentName[] {
  const { predicts: first = {} } = one.hypothesis;
  const { predicts: second = {} } = other.hypothesis;
  return experimentNames.filter(
    (name) => first[name] && second[name] && first[name] !== second[name],
  );
}
