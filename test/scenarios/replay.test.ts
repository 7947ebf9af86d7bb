// Three runs of kill-mid-graph, about 3 s each on an idle machine.
import { afterAll, expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../../harness/engine/load.ts";
import { openResources } from "../../harness/engine/resources.ts";
import type { History } from "../../harness/history/history.ts";
import { recordOf, recordsIn } from "../../harness/engine/replay/read-history.ts";
import { replayOf } from "../../harness/engine/replay/replay.ts";
import { seenOf } from "../../harness/engine/case-result.ts";
import { runScenario } from "../../harness/engine/run.ts";
import { openDatabase } from "../../harness/deployment/database-template.ts";

const root = `${import.meta.dirname}/../..`;
const runId = `replay${process.pid.toString(36)}`;
const resources = await openResources({ runId, folder: root, databaseUrl: null });
afterAll(() => resources[Symbol.asyncDispose]());

const [scenario] = (await loadScenarios(`${root}/scenarios`)).filter(
  ({ name }) => name === "kill-mid-graph",
);
const { configuration } = await loadConfiguration(root, null, root);
const { reference } = configuration.targets;

/** Runs the scenario on a variant, or replays a history. Returns the outcome and the history. */
async function run(variant: string, record: History | null) {
  if (scenario === undefined || reference === undefined) throw new Error("they are gone");
  const { name, definition } = scenario;
  const target = { name: "reference", definition: reference };
  const swapped = reference.variants[variant];
  const subject = {
    scenario: { name, definition: record === null ? definition : replayOf(record, definition) },
    target,
    variant: swapped === undefined ? null : { name: variant, definition: swapped },
  };
  const { cluster, versions } = resources;
  const backend = resources.backendOf(reference);
  const options = {
    ...{ backend, seed: 7, round: 0, versions, server: null },
    openDatabase: async (of: "template" | "nothing") =>
      openDatabase(of, { backend, cluster, target }),
  };
  const { history, judgements } = await runScenario(subject, { ...options, historyFile: null });
  const { kind, checker, diagnoses } = seenOf(judgements);
  const followed = judgements.find((it) => it.checker === "follows-schedule")?.verdict.kind;
  const seen = { kind, checker, diagnoses: diagnoses.toSorted(), followed };
  // The history as history.jsonl contains it.
  const own = history.entries.map((entry) => ({ run: history.header.run, ...entry }));
  const lines = [{ header: history.header }, ...own].map((it) => `${JSON.stringify(it)}\n`);
  return { seen, record: recordOf(recordsIn(lines.join(""), "history.jsonl"), null) };
}

test("a replay has the recorded verdict, and the repaired service holds in the same schedule", async () => {
  const broken = await run("never-resumes", null);
  expect(broken.seen).toMatchObject({ kind: "violated", followed: undefined });
  const again = await run("never-resumes", broken.record);
  expect(again.seen).toEqual({ ...broken.seen, followed: "holds" });
  const mended = await run("plain", broken.record);
  expect(mended.seen).toEqual({ kind: "holds", checker: null, diagnoses: [], followed: "holds" });
});
