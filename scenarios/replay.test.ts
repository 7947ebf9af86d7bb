// Three runs of kill-mid-graph with a control each, at about 10 s on a quiet machine.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../harness/catalogue.ts";
import { openGround } from "../harness/ground.ts";
import type { History } from "../harness/history.ts";
import { planOf } from "../harness/plan.ts";
import { HistoryFile } from "../harness/recording.ts";
import { recordOf, recordsIn } from "../harness/replay/record.ts";
import { replayOf } from "../harness/replay/replay.ts";
import type { Result } from "../harness/report/report.ts";
import { jobRunner } from "../harness/suite.ts";

const root = `${import.meta.dirname}/..`;
const folder = mkdtempSync(join(tmpdir(), "threadproof-replay-"));
const ground = await openGround({
  runId: `replay${process.pid.toString(36)}`,
  folder: root,
  databaseUrl: null,
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const scenarios = await loadScenarios(import.meta.dirname);
const { configuration } = await loadConfiguration(root, null, root);

/** Runs a scenario on a variant, or what a record of it did; answers with its result and record. */
async function run(
  [scenario, variant]: readonly [string, string],
  record: History | null,
): Promise<{ readonly result: Result | null; readonly record: History }> {
  const selection = { scenarios: [scenario], targets: [], variants: [variant], repeat: 1 };
  const [job] = planOf(scenarios, configuration, selection, null);
  if (job === undefined) throw new Error(`no ${scenario} on ${variant}`);
  const { name, definition } = job.subject.scenario;
  const again = record === null ? definition : replayOf(record, definition);
  const subject = { ...job.subject, scenario: { name, definition: again } };
  const path = join(folder, `${variant}${record === null ? "" : " again"}.jsonl`);
  using historyFile = new HistoryFile(path);
  const { result } = await jobRunner({ ground, seed: 7, historyFile })({ ...job, subject });
  return { result, record: recordOf(recordsIn(readFileSync(path, "utf8"), path), null) };
}

const seen = (result: Result | null) => ({
  kind: result?.verdict.kind,
  checker: result?.checker,
  diagnoses: result?.diagnoses.map(({ kind }) => kind).toSorted(),
  followed: result?.checkers.find(({ checker }) => checker === "follows-schedule")?.kind,
});

test("a recorded run is repeated, and the mended service holds under the same schedule", async () => {
  const kill = "kill-mid-graph";
  const broken = await run([kill, "never-resumes"], null);
  const again = await run([kill, "never-resumes"], broken.record);
  expect(seen(broken.result).kind).toBe("violated");
  expect(seen(again.result)).toEqual({ ...seen(broken.result), followed: "holds" });
  const mended = await run([kill, "plain"], broken.record);
  expect(seen(mended.result)).toEqual({
    kind: "holds",
    checker: null,
    diagnoses: [],
    followed: "holds",
  });
});
