/**
 * The same mistake shows in several scenarios. A story is told once per service and cause, with the
 * scenario that shows it best.
 */
import { formatService } from "../history/case-name.ts";
import type { Diagnosis } from "../checkers/verdict.ts";
import {} from "./phrases.ts";
import type { Result, RunReport } from "./result.ts";

interface GroupedCause {
  readonly diagnosis: Diagnosis;
  /** The result whose lists and evidence are shown. */
  readonly result: Result;
  /** All scenarios in which it was seen, `result`'s first. */
  readonly scenarios: readonly string[];
  /** The cause that is read first in `result`; its evidence belongs to that. */
  readonly leading: boolean;
}

/** Violations that were expected, service by service: surprises are shown one by one. */
export function groupedCauses(report: RunReport): GroupedCause[] {
  const services = [...new Set(report.results.map(formatService))];
  const seen = report.results
    .filter((result) => result.asExpected)
    .toSorted((a, b) => services.indexOf(formatService(a)) - services.indexOf(formatService(b)))
    .flatMap((result) => result.diagnoses.map((diagnosis) => ({ result, diagnosis })));
  const groups = Map.groupBy(
    seen,
    ({ result, diagnosis }) => `${formatService(result)} ${diagnosis.kind}`,
  );
  return [...groups.values()].map((group) => {
    const shown = group.toSorted((a, b) => clarity(b) - clarity(a))[0] ?? group[0];
    const scenarios = group.map(({ result }) => result.scenario);
    if (!shown) throw new Error("a group has at least one member");
    return {
      ...shown,
      scenarios: [...new Set([shown.result.scenario, ...scenarios])],
      leading: shown.result.diagnoses[0]?.kind === shown.diagnosis.kind,
    };
  });
}

/** Two lists tell it best, then the result whose first cause it is. */
function clarity({ result, diagnosis }: { result: Result; diagnosis: Diagnosis }): number {
  const lists = (diagnosis.lists?.length ?? 0) > 1 ? 2 : 0;
  return lists + (result.diagnoses[0]?.kind === diagnosis.kind ? 1 : 0);
}
