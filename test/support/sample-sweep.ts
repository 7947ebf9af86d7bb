/** Hand-written sweep reports, for the tests of their formats. */
import type { PointResult, SweepReport } from "../../harness/report/sweep/sweep-report.ts";

const letters = {
  "·": { verdict: "holds", diagnosis: null, because: null, remedy: null },
  L: { verdict: "violated", diagnosis: "lost-turn", because: "turn 2 is gone", remedy: "Save it." },
  R: { verdict: "violated", diagnosis: "repeated-steps", because: "twice", remedy: null },
  "?": { verdict: "inconclusive", diagnosis: null, because: "never in flight", remedy: null },
} as const;

/**
 * A sweep of points, each with a letter for its result: "s1 · s2 L model R s3 · | s4 ?". Points
 * behind the bar come after the reply. "model" and "tool" are calls, all others are statements.
 */
export function sweepOf(text: string, part: Partial<SweepReport> = {}): SweepReport {
  let replied = false;
  const points: PointResult[] = [];
  for (const [name = "", letter = ""] of text.split(" ").reduce(pairs, [])) {
    if (name === "|") replied = true;
    else points.push(point(name, letter as keyof typeof letters, replied));
  }
  return {
    ...{ schemaVersion: 1, target: "mine", variant: null, steps: ["tool"], seed: 7 },
    ...{ double: false, fresh: false, complete: true, turnPoints: points.length },
    ...{ kills: points.length, durationMs: 6_000 },
    undisturbed: { verdict: "holds", diagnosis: null, because: null, run: "sweep/mine/plain" },
    ...{ points, versions: {} },
    ...part,
  };
}

function pairs(before: string[][], word: string): string[][] {
  const last = before.at(-1);
  if (last === undefined || last.length === 2 || last[0] === "|") return [...before, [word]];
  last.push(word);
  return before;
}

function point(name: string, letter: keyof typeof letters, replied: boolean): PointResult {
  const seen = letters[letter];
  const places = { model: "model", tool: "tools" } as const;
  return {
    ...{ name: name in places ? `before ${name} 1` : name, replied },
    where: name in places ? places[name as keyof typeof places] : "database",
    ...seen,
    lost: letter === "L" ? [seen.diagnosis ?? ""] : [],
    repeated: letter === "R" ? [seen.diagnosis ?? ""] : [],
    reproduce: `sweep --point '${name}'`,
    run: "sweep/mine/plain/2",
  };
}
