import { expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "../harness/engine/load.ts";
import { planOf } from "../harness/engine/plan.ts";
import * as registry from "../harness/faults/registry.ts";
import { coveringCases, faultsOf, shownBy } from "./support/covering-cases.ts";

const root = `${import.meta.dirname}/..`;
const scenarios = await loadScenarios(`${root}/scenarios`);
const { configuration } = await loadConfiguration(root, null, root);
const all = { scenarios: [], targets: [], variants: [], runs: 1 };
const jobs = planOf(scenarios, configuration, all, null);
const chosen = coveringCases(jobs);

test("at least one scenario uses each fault", () => {
  const used = scenarios.flatMap(({ name }) => faultsOf(`scenarios/${name}.ts`));
  expect([...new Set(used)].toSorted()).toEqual(Object.keys(registry).toSorted());
});

test("the chosen cases use each fault, need each capability, and break each checker", () => {
  const covered = new Set(chosen.flatMap(shownBy));
  const faults = Object.keys(registry).map((it) => `fault ${it}`);
  const needs = scenarios.flatMap((it) => it.definition.needs.map((one) => `capability ${one}`));
  const violations = jobs.flatMap(({ expected }) =>
    expected.kind === "violated" ? [`checker ${expected.checker}`] : [],
  );
  expect([...covered].toSorted()).toEqual(
    [...new Set([...faults, ...needs, ...violations])].toSorted(),
  );
});

test("the chosen cases are at most two thirds of the plan", () => {
  expect(chosen.length).toBeLessThanOrEqual((jobs.length * 2) / 3);
});
