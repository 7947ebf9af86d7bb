/**
 * Chooses cases that cover every fault, capability and checker, where running all takes too long.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "../../harness/engine/plan.ts";
import * as registry from "../../harness/faults/registry.ts";

const root = join(import.meta.dirname, "../..");

/** The parts that a case covers: "fault kill", "capability replicas", "checker drains". */
export function shownBy({ subject, expected }: Job): string[] {
  const { name, definition } = subject.scenario;
  // A variant covers the checker that it violates, and the plain case covers the rest.
  if (expected.kind === "violated") return [`checker ${expected.checker}`];
  return [
    ...faultsOf(`scenarios/${name}.ts`).map((it) => `fault ${it}`),
    ...definition.needs.map((it) => `capability ${it}`),
  ];
}

/**
 * The faults that a scenario imports, directly or through a file of the engine: `killMidTurn` is
 * a kill at a chosen moment.
 */
export function faultsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const imports = [...text.matchAll(/^import \{([^}]*)\} from "\.\.\/(?:harness\/)?([^"]+)";/gm)];
  const found = imports.flatMap(([, names = "", from = ""]) => {
    if (from.startsWith("faults/")) return names.split(",").map((it) => it.trim());
    return from.startsWith("engine/") ? faultsOf(`harness/${from}`) : [];
  });
  return [...new Set(found)].filter((it) => it in registry);
}

/** A small set of jobs that covers as much as all of them. Greedy: takes the best job first. */
export function coveringCases(jobs: readonly Job[]): Job[] {
  const left = new Set(jobs.flatMap(shownBy));
  const adds = (job: Job): number => shownBy(job).filter((it) => left.has(it)).length;
  const chosen = new Set<Job>();
  while (left.size > 0) {
    const best = jobs.reduce((one, other) => (adds(other) > adds(one) ? other : one));
    for (const it of shownBy(best)) left.delete(it);
    chosen.add(best);
  }
  return jobs.filter((it) => chosen.has(it));
}
