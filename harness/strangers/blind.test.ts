// A service whose model is not ours and whose threads nobody can read is judged by what it says.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../catalogue.ts";
import { openGround } from "../ground.ts";
import { planOf } from "../plan.ts";
import type { RunReport } from "../report/report.ts";
import { runSuite } from "../suite.ts";

const names = ["round-robin", "restart"];
const scenarios = await loadScenarios(fileURLToPath(new URL("../../scenarios/", import.meta.url)));

async function judge(...targets: string[]): Promise<RunReport> {
  const here = fileURLToPath(new URL("blind", import.meta.url));
  const { configuration, folder } = await loadConfiguration(here, null, here);
  const asked = { scenarios: names, targets, variants: [], repeat: 1 };
  const jobs = planOf(scenarios, configuration, asked, null);
  const runId = `blind${targets[0]}${process.pid}`;
  await using ground = await openGround({ runId, folder, databaseUrl: null });
  const about = { seed: 1, historyFile: null, command: "", bail: false };
  return await runSuite(jobs, { ground, ...about });
}

test("replies that repeat what was told, unasked or asked, tell good and naive apart", async () => {
  const { results } = await judge("always", "asked");
  const seen = results.map((it) => [it.target, it.variant, it.asExpected, it.seenThrough].join());
  const cases = (target: string, eye: string) =>
    [null, "memory"].map((variant) => [target, variant, true, eye].join());
  const each = [...cases("always", "replies"), ...cases("asked", "asking it to repeat")];
  expect(new Set(seen)).toEqual(new Set(each));
  expect(seen).toHaveLength(names.length * each.length);
});

test("a reply that is always the same, or an echo, is no memory: it says what to give", async () => {
  const { results } = await judge("echo", "constant");
  expect(results).toHaveLength(2 * names.length);
  for (const { verdict, seenThrough } of results) {
    const because = expect.stringMatching(/repeat nothing of it, .* give `read`/) as string;
    expect([verdict, seenThrough]).toEqual([{ kind: "inconclusive", because }, []]);
  }
});

test("a database that is given and never used is a finding of its own", async () => {
  const { results } = await judge("unsaved");
  const restart = results.find(({ scenario }) => scenario === "restart");
  expect(restart?.diagnoses.map(({ kind }) => kind)).toEqual(["amnesia", "nothing-saved"]);
});
