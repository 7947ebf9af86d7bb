import { type BackendName, backendNames } from "../../harness/deployment/backends.ts";
import { expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../../harness/engine/load.ts";
import { dockerEngine } from "../../harness/machine/docker/engine.ts";
import { openResources } from "../../harness/engine/resources.ts";
import { planOf } from "../../harness/engine/plan.ts";
import { caseOf } from "../../harness/engine/run.ts";
import { formatCase } from "../../harness/history/case-name.ts";
import { differencesOf } from "../../harness/report/differences.ts";
import type { RunReport } from "../../harness/report/result.ts";
import { runSuite } from "../../harness/engine/suite.ts";
import { coveringCases } from "../support/covering-cases.ts";

// Runs cases that together use each fault, on one backend after the other. They take most of the
// time of `npm run test:docker`. `npm run scenarios -- --backend docker` runs the whole plan.

/** Capabilities of a single backend. A scenario that needs one runs only on that backend. */
const onlyOn = { process: ["database-refuse", "statements"], docker: ["isolate"] } as const;

const root = `${import.meta.dirname}/../..`;
const seed = 1;

const { configuration } = await loadConfiguration(root, null, root);
const selection = { scenarios: [], targets: [], variants: [], runs: 1 };
const plan = planOf(await loadScenarios(`${root}/scenarios`), configuration, selection, null);
const jobs = coveringCases(plan);
const targets = Object.values(configuration.targets);

/** The names of the cases that only this backend can run. */
function casesOnlyOn(backend: BackendName): string[] {
  const needs = onlyOn[backend];
  return jobs
    .filter(({ subject }) => needs.some((it) => subject.scenario.definition.needs.includes(it)))
    .map(({ subject }) => formatCase(caseOf(subject)));
}

async function runOn(backend: BackendName): Promise<RunReport> {
  const runId = `${backend}${process.pid.toString(36)}`;
  const options = { runId, folder: root, databaseUrl: null, backend, targets };
  await using resources = await openResources(options);
  const about = { seed, historyFile: null, command: "vitest", bail: false };
  return await runSuite(jobs, { resources, ...about });
}

test("containers and processes get the same verdicts, checkers and diagnoses", async ({ skip }) => {
  const engine = await dockerEngine();
  skip(!engine.ok, engine.ok ? "" : engine.why);
  const [contained, plain] = [await runOn("docker"), await runOn("process")];
  const surprises = contained.results
    .filter((it) => !it.asExpected)
    .map(({ run, verdict }) => `${run}: ${verdict.kind}, ${verdict.because}`);
  expect(surprises).toEqual([]);
  expect(contained.notRun.map(formatCase)).toEqual(casesOnlyOn("process"));
  expect(plain.notRun.map(formatCase)).toEqual(casesOnlyOn("docker"));
  const known = backendNames.flatMap((backend) =>
    casesOnlyOn(backend).map((of) => ({ of, reason: `only the ${backend} backend runs it` })),
  );
  expect(differencesOf(plain, contained, known)).toEqual([]);
});
