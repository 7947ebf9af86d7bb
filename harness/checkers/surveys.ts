import type { EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";

type Survey = EntryOf<"survey">;

/** The surveys of a run, by the part of the run that made them. */
export interface Surveys {
  /** The engine's, before the first turn; null: the engine made none. */
  readonly before: Survey | null;
  readonly ofWorkload: readonly Survey[];
  /** The engine's, after the last turns. */
  readonly after: Survey | null;
}

export function surveysOf(history: History): Surveys {
  const all = entriesOf(history, "survey");
  const phases = new Map(entriesOf(history, "phase").map(({ phase, seq }) => [phase, seq]));
  const from = phases.get("workload") ?? 0;
  const to = phases.get("final") ?? Infinity;
  return {
    before: all.find(({ seq }) => seq < from) ?? null,
    ofWorkload: all.filter(({ seq }) => from < seq && seq < to),
    after: all.findLast(({ seq }) => seq > to) ?? null,
  };
}
