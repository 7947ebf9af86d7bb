// The proof that the harness is general: services that share nothing with the reference app, nor
// with one another, each described as its owner would describe it, get the right verdict for the
// right reason in their good and in their naive form. They are started for real: this takes about
// a minute per service.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../catalogue.ts";
import { openGround } from "../ground.ts";
import { planOf } from "../plan.ts";
import type { RunReport } from "../report/report.ts";
import { runSuite } from "../suite.ts";

const scenarios = await loadScenarios(fileURLToPath(new URL("../../scenarios/", import.meta.url)));

const load = (name: string) => {
  const folder = fileURLToPath(new URL(name, import.meta.url));
  return loadConfiguration(folder, null, folder);
};

interface Asked {
  readonly scenarios: readonly string[];
  readonly variants: readonly string[];
}

/** Without anything asked: its scenarios on the plain service, each variant on what it breaks. */
async function judge(name: string, asked: Partial<Asked> = {}): Promise<RunReport> {
  const { configuration, folder } = await load(name);
  const { [name]: target } = configuration.targets;
  const selection = { scenarios: target?.only ?? [], variants: [], ...asked };
  const jobs = planOf(scenarios, configuration, { targets: [], repeat: 1, ...selection }, null);
  const runId = `${name}${process.pid}`;
  await using ground = await openGround({ runId, folder, databaseUrl: null });
  const fixed = { seed: 1, historyFile: null, command: "", bail: false };
  return await runSuite(jobs, { ground, ...fixed });
}

describe.each(["bare", "sse", "jobs"])("%s", (name) => {
  test("good and naive are told apart, each for the right reason", async () => {
    const report = await judge(name);
    const surprises = report.results.filter((it) => !it.asExpected);
    const told = surprises.map(({ scenario, variant, verdict, diagnoses }) => ({
      ...{ scenario, variant, verdict },
      diagnoses: diagnoses.map(({ kind, because }) => `${kind}: ${because}`),
    }));
    expect(told).toEqual([]);
    expect(report.notRun.filter(({ checker }) => checker === undefined)).toEqual([]);
    const unbitten = report.results.flatMap((it) => it.faults.filter(({ bite }) => !bite.bit));
    expect(unbitten).toEqual([]);
  });

  test("every naive form is expected to break something", async () => {
    const { configuration } = await load(name);
    const variants = Object.values(configuration.targets[name]?.variants ?? {});
    const kinds = variants.map(({ breaks }) => Object.values(breaks).map(({ kind }) => kind));
    expect(kinds.length).toBeGreaterThan(0);
    for (const it of kinds) expect(new Set(it)).toEqual(new Set(["violated"]));
  });
});

test("a memory of each process needs two replicas, one that dies with it does not", async () => {
  const { results } = await judge("bare", {
    scenarios: ["round-robin", "restart"],
    variants: ["memory"],
  });
  const control = Object.fromEntries(results.map((it) => [it.scenario, it.control?.says]));
  expect(control).toEqual({
    "round-robin": "needs two replicas",
    restart: "one replica suffices",
  });
});
