import { expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../../harness/engine/load.ts";
import { dockerEngine } from "../../harness/machine/docker/engine.ts";
import { openResources } from "../../harness/engine/resources.ts";
import { planOf } from "../../harness/engine/plan.ts";
import { differencesOf, type KnownDifference } from "../../harness/report/differences.ts";
import type { RunReport } from "../../harness/report/result.ts";
import { runSuite } from "../../harness/engine/suite.ts";

// The whole plan on both backends, one after the other: what that costs is most of the minutes of
// `npm run test:docker`.

/** What containers cannot show as processes do, or the reverse, and why. */
const known: readonly KnownDifference[] = [];

const root = `${import.meta.dirname}/../..`;
const seed = 1;

const { configuration } = await loadConfiguration(root, null, root);
const selection = { scenarios: [], targets: [], variants: [], runs: 1 };
const jobs = planOf(await loadScenarios(`${root}/scenarios`), configuration, selection, null);
const targets = Object.values(configuration.targets);

async function runOn(backend: "process" | "docker"): Promise<RunReport> {
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
  expect({ surprises, notRun: contained.notRun }).toEqual({ surprises: [], notRun: [] });
  expect(contained.results).toHaveLength(jobs.length);
  expect(differencesOf(plain, contained, known)).toEqual([]);
});
