/** Groups the causes per service, because one defect causes violations in several scenarios. */
import { formatService, type ServiceName } from "../history/case-name.ts";
import { worstFirst } from "../checkers/diagnoses.ts";
import type { Diagnosis } from "../checkers/verdict.ts";
import type { Result, RunReport } from "./result.ts";

export interface GroupedCause extends ServiceName {
  /** The kind of the diagnosis; without a diagnosis that of the verdict. */
  readonly kind: string;
  /** The diagnosis in the result below; null: the verdict has no diagnosis. */
  readonly diagnosis: Diagnosis | null;
  /** The result whose lists and evidence show it best. */
  readonly result: Result;
  /** All scenarios in which it occurred, that of the result first. */
  readonly scenarios: readonly string[];
  /** Whether it is the first cause of the result, to which the evidence belongs. */
  readonly leading: boolean;
}

/** The causes of expected violations, by service, the worst first. */
export function groupedCauses(report: RunReport): (GroupedCause & { diagnosis: Diagnosis })[] {
  const causes = causesOf(report.results.filter((result) => result.asExpected));
  return causes.flatMap((it) =>
    it.diagnosis === null ? [] : [{ ...it, diagnosis: it.diagnosis }],
  );
}

/** The causes of surprises, in the same form. Without a diagnosis the cause is the verdict. */
export function surprisingCauses(report: RunReport): GroupedCause[] {
  return causesOf(report.results.filter((result) => !result.asExpected));
}

interface Sighting {
  readonly result: Result;
  readonly diagnosis: Diagnosis | null;
}

/** Services in the order of the results, the causes of each in the order of the table. */
function causesOf(results: readonly Result[]): GroupedCause[] {
  const services = [...new Set(results.map(formatService))];
  const seen = results
    .toSorted((a, b) => services.indexOf(formatService(a)) - services.indexOf(formatService(b)))
    .flatMap((result): Sighting[] =>
      result.diagnoses.length === 0
        ? [{ result, diagnosis: null }]
        : result.diagnoses.map((diagnosis) => ({ result, diagnosis })),
    );
  const groups = Map.groupBy(seen, (it) => `${formatService(it.result)} ${kindOf(it)}`);
  const causes = [...groups.values()].map((group) => {
    const shown = group.toSorted((a, b) => clarity(b) - clarity(a))[0] ?? group[0];
    if (!shown) throw new Error("a group has at least one member");
    const scenarios = group.map(({ result }) => result.scenario);
    const { target, variant } = shown.result;
    return {
      ...{ ...shown, target, variant, kind: kindOf(shown), leading: isLeading(shown) },
      scenarios: [...new Set([shown.result.scenario, ...scenarios])],
    };
  });
  return [...Map.groupBy(causes, formatService).values()].flatMap((own) =>
    own.toSorted(worstFirst),
  );
}

function kindOf({ result, diagnosis }: Sighting): string {
  return diagnosis?.kind ?? result.verdict.kind;
}

function isLeading({ result, diagnosis }: Sighting): boolean {
  return result.diagnoses[0]?.kind === diagnosis?.kind;
}

/** How clearly a result shows a cause: two lists are best, then being its first cause. */
function clarity(sighting: Sighting): number {
  const lists = (sighting.diagnosis?.lists?.length ?? 0) > 1 ? 2 : 0;
  return lists + (isLeading(sighting) ? 1 : 0);
}
