import { afterAll, expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../../harness/engine/load.ts";
import { openResources } from "../../harness/engine/resources.ts";
import { type Job, planOf } from "../../harness/engine/plan.ts";
import { formatCase } from "../../harness/history/case-name.ts";
import { caseOf, lacking } from "../../harness/engine/run.ts";
import { jobRunner } from "../../harness/engine/suite.ts";

const root = `${import.meta.dirname}/../..`;

// Runs every scenario and variant as a test. They share one set of resources: a Postgres server (1
// s), the watchdog (0.2 s), and the bundle of the reference app (0.7 s).
const runId = `vitest${process.pid.toString(36)}`;
const resources = await openResources({ runId, folder: root, databaseUrl: null });
afterAll(() => resources[Symbol.asyncDispose]());

const all = { scenarios: [], targets: [], variants: [], runs: 1 };
const { configuration } = await loadConfiguration(root, null, root);
const jobs = planOf(await loadScenarios(`${root}/scenarios`), configuration, all, null);
const run = jobRunner({ resources, seed: 1, historyFile: null });

const lackedBy = ({ subject }: Job) =>
  lacking(subject, resources.backendOf(subject.target.definition));
const runnable = jobs.filter((job) => lackedBy(job) === null);

const named = runnable.map((job) => ({
  job,
  title: `${formatCase(caseOf(job.subject))}: ${job.subject.scenario.definition.claim}`,
}));

test("the process backend lacks only the capability to cut a network", () => {
  const lacked = jobs.map(lackedBy).filter((it) => it !== null);
  expect([...new Set(lacked)]).toEqual(["isolate"]);
});

test.concurrent.for(named)("$title", async ({ job }) => {
  const { result, notRun } = await run(job);
  expect(notRun).toEqual([]);
  // Compares the reason, too, so that a failure of this test shows it.
  const seen = [
    result?.asExpected,
    result?.verdict.because,
    result?.diagnoses.map((it) => it.kind),
  ];
  expect(seen).toMatchObject([true, expect.any(String), expect.any(Array)]);
});
