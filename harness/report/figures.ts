/** Formats measured figures as text. */
import type { Figure } from "../checkers/verdict.ts";
import type { Result, RunReport } from "./result.ts";

/** "growth.bytesPerTurn 4100, at most 5000 promised". */
export function figurePhrase({ name, measured, allowed }: Figure): string {
  return `${name} ${measured}, ${allowed === null ? "nothing promised" : `at most ${allowed} promised`}`;
}

/** Whether a figure exceeds its limit. */
export function exceeds({ measured, allowed }: Figure): boolean {
  return allowed !== null && measured > allowed;
}

interface Highest {
  readonly target: string;
  readonly figure: Figure;
  readonly scenario: string;
}

/** The highest value of each figure per target, without variants, which have mistakes. */
export function highestFigures({ results }: RunReport): Highest[] {
  const all = results.flatMap(({ target, variant, scenario, figures }: Result) =>
    variant === null ? figures.map((figure) => ({ target, figure, scenario })) : [],
  );
  const same = Map.groupBy(all, ({ target, figure }) => `${target} ${figure.name}`);
  return [...same.values()].flatMap((group) =>
    group.toSorted((a, b) => b.figure.measured - a.figure.measured).slice(0, 1),
  );
}

/** "reference: recoveryMs 812, at most 2000 promised (restart)". */
export function highestPhrase({ target, figure, scenario }: Highest): string {
  return `${target}: ${figurePhrase(figure)} (${scenario})`;
}
