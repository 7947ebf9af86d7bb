import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Baseline } from "./baseline.ts";
import type { NamedScenario } from "./load.ts";
import type { Backend, Site } from "../deployment/backend.ts";
import { violated } from "../checkers/expectation.ts";
import type { RunResources } from "./resources.ts";
import type { Capability } from "../history/capability.ts";
import type { NotRun, Result } from "../report/result.ts";
import { type Job, planOf, type Selection } from "./plan.ts";
import { caseOf } from "./run.ts";
import { type CaseName, formatCase } from "../history/case-name.ts";
import { runSuite } from "./suite.ts";
import { capabilitiesOf, lacksOf } from "../config/lacking.ts";
import { command, commandOf, parseConfiguration } from "../config/configuration.ts";
import { TargetFailure } from "../config/target-failure.ts";
import type { History } from "../history/history.ts";
import type { Verdict } from "../checkers/verdict.ts";
import { loopback } from "../wires/address.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const say = { post: "/say", reply: "$.reply" };
const service = { start: "node service.js", ready: { get: "/ready" }, say };
const forgets = violated("remembers-everything", ["amnesia"]);

const configuration = parseConfiguration(
  {
    targets: {
      mine: command({
        ...service,
        breaks: { "double-text": forgets },
        variants: { memory: { breaks: { restart: forgets } }, slow: {} },
      }),
      yours: command({ ...service, tools: [] }),
    },
  },
  "test.ts",
);

/** A scenario that does nothing, with one checker that gives this verdict. */
function named(name: string, verdict: Verdict, needs: Capability[] = ["boot"]): NamedScenario {
  const checks = [{ name: "says-so", needs: [], judge: () => verdict }];
  return { name, definition: { claim: name, rank: 1, needs, checks, run: async () => {} } };
}

const holding: Verdict = { kind: "holds", checked: 1 };
const breaking: Verdict = {
  kind: "violated",
  because: "it forgot",
  evidence: [],
  diagnoses: [{ kind: "amnesia", because: "", remedy: "" }],
};
const scenarios = ["restart", "double-text"].map((it) => named(it, holding));

function plan(selection: Partial<Selection> = {}, baseline: Baseline | null = null): Job[] {
  const all = { scenarios: [], targets: [], variants: [], runs: 1 };
  return planOf(scenarios, configuration, { ...all, ...selection }, baseline);
}

const labels = (jobs: readonly Job[]) => jobs.map((it) => formatCase(caseOf(it.subject)));

function baselineOf(accepted: object): Baseline {
  const folder = mkdtempSync(join(tmpdir(), "suite-"));
  folders.push(folder);
  const file = join(folder, "baseline.json");
  writeFileSync(file, JSON.stringify({ schemaVersion: 1, accepted }));
  return Baseline.read(file);
}

describe("the plan", () => {
  test("by default all scenarios run on the plain targets, and each variant on its breaks", () => {
    expect(labels(plan())).toEqual([
      "restart/mine",
      "restart/mine/memory",
      "restart/yours",
      "double-text/mine",
      "double-text/yours",
    ]);
  });

  test("names select scenarios, targets, variants, and the plain target", () => {
    expect(labels(plan({ scenarios: ["double-text"], targets: ["yours"] }))).toEqual([
      "double-text/yours",
    ]);
    expect(labels(plan({ variants: ["memory"] }))).toEqual(["restart/mine/memory"]);
    expect(labels(plan({ targets: ["mine"], variants: ["plain"] }))).toEqual([
      "restart/mine",
      "double-text/mine",
    ]);
  });

  test("a variant runs on a scenario that it does not break if the user names both", () => {
    expect(labels(plan({ variants: ["slow"] }))).toEqual([]);
    expect(labels(plan({ variants: ["slow", "memory"], scenarios: ["double-text"] }))).toEqual([
      "double-text/mine/memory",
      "double-text/mine/slow",
    ]);
  });

  test("the expectation is that of the target, by default that the claim holds", () => {
    const expected = plan({ targets: ["mine"] }).map((it) => it.expected);
    expect(expected).toEqual([{ kind: "holds" }, forgets, forgets]);
    expect(plan().some((it) => it.accepted)).toBe(false);
  });

  test("a baseline replaces the expectation, and marks it as accepted", () => {
    const accepted = { ...forgets, reason: "known" };
    const baseline = baselineOf({ yours: { restart: accepted } });
    const [job] = plan({ targets: ["yours"], scenarios: ["restart"] }, baseline);
    expect([job?.expected, job?.accepted]).toEqual([accepted, true]);
  });

  test("a scenario that the configuration excludes is planned as skipped, with the reason", () => {
    const reasons = (judged: object, selection: Partial<Selection> = {}) => {
      const targets = { mine: command({ ...service, ...judged }) };
      const all = { scenarios: [], targets: [], variants: [], runs: 1 };
      const own = parseConfiguration({ targets }, "test.ts");
      return planOf(scenarios, own, { ...all, ...selection }, null).map((it) => it.skipped);
    };
    expect(reasons({})).toEqual([null, null]);
    expect(reasons({ skip: { restart: "it takes an hour" } })).toEqual([
      "the configuration skips it: it takes an hour",
      null,
    ]);
    const onlyRestart = "the configuration does not name it in `only`";
    expect(reasons({ only: ["restart"] })).toEqual([null, onlyRestart]);
    // It does not run even if the user names it.
    expect(reasons({ only: ["restart"] }, { scenarios: ["double-text"] })).toEqual([onlyRestart]);
  });

  test("every job is repeated as often as requested, and each round has a number", () => {
    const rounds = plan({ runs: 3, targets: ["yours"] }).map((it) => it.round);
    expect(rounds).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test.each([
    [
      { scenarios: ["restrat"] },
      'no scenario "restrat" (did you mean "restart"?); there are restart, double-text',
    ],
    [{ targets: ["ours"] }, 'no target "ours" (did you mean "yours"?); there are mine, yours'],
    [{ variants: ["fast"] }, 'no variant "fast"; there are plain, memory, slow'],
  ])("the error for an unknown name lists the known ones: %j", (selection, sentence) => {
    expect(() => plan(selection)).toThrow(sentence);
  });
});

const refuse = () => Promise.reject(new Error("these tests start nothing"));

const emptySite: Site = {
  ingress: new URL("http://127.0.0.1:9"),
  wires: loopback,
  databaseWire: refuse,
  replica: refuse,
  migrate: refuse,
  [Symbol.asyncDispose]: async () => {},
};

/** Resources that cannot start anything, for scenarios that start nothing. */
function resourcesWithout(lacks: Capability | null = null): RunResources {
  const capabilities: Backend["capabilities"] = (target) =>
    capabilitiesOf(commandOf(target)).filter((it) => it !== lacks);
  return {
    cluster: { version: "17", create: refuse, template: refuse, [Symbol.asyncDispose]: refuse },
    openStorage: refuse,
    backendOf: () => ({
      name: "process",
      unfit: () => null,
      replicas: () => ["a", "b"],
      capabilities,
      remedy: (target, lacked) => lacksOf(commandOf(target))[lacked],
      open: async () => emptySite,
    }),
    versions: { node: "24" },
    commit: null,
    [Symbol.asyncDispose]: async () => {},
  };
}

function jobsOf(all: readonly NamedScenario[], baseline: Baseline | null = null, runs = 1): Job[] {
  const selection = { scenarios: [], targets: ["yours"], variants: [], runs };
  return planOf(all, configuration, selection, baseline);
}

function run(jobs: readonly Job[], more: Partial<Parameters<typeof runSuite>[1]> = {}) {
  const fixed = { seed: 7, historyFile: null, command: "threadproof run", bail: false };
  return runSuite(jobs, { resources: resourcesWithout(), ...fixed, ...more });
}

describe("the suite", () => {
  test("results have the order of the plan, whichever job ends first", async () => {
    const slow = Promise.withResolvers<void>();
    const first = named("first", holding);
    const waits = { ...first.definition, run: () => slow.promise };
    const alone = named("alone", holding);
    const others = ["second", "third"].map((it) => named(it, holding));
    const report = await run(jobsOf([alone, { ...first, definition: waits }, ...others]), {
      parallel: 2,
      onResult: ({ scenario }) => {
        if (scenario === "third") slow.resolve();
      },
    });
    expect(report.results.map((it) => it.scenario)).toEqual(["alone", "first", "second", "third"]);
    expect(report).toMatchObject({ seed: 7, command: "threadproof run", notRun: [], stale: [] });
  });

  test("the first job runs alone", async () => {
    const events: string[] = [];
    const report = await run(jobsOf(["a", "b", "c"].map((it) => named(it, holding))), {
      parallel: 2,
      onStart: ({ scenario }) => events.push(`start ${scenario}`),
      onResult: ({ scenario }) => events.push(`end ${scenario}`),
    });
    expect(report.results).toHaveLength(3);
    expect(events.slice(0, 4)).toEqual(["start a", "end a", "start b", "start c"]);
  });

  test("a skipped job does not run, and the report has the reason", async () => {
    const [first, second] = jobsOf(["a", "b"].map((it) => named(it, breaking)));
    if (first === undefined || second === undefined) throw new Error("two jobs are needed");
    const shown: (Result | NotRun)[] = [];
    const report = await run([first, { ...second, skipped: "it takes an hour" }], {
      onResult: (it) => shown.push(it),
    });
    expect(report.results.map((it) => it.scenario)).toEqual(["a"]);
    const { claim } = second.subject.scenario.definition;
    const reason = "it takes an hour";
    const skipped = { scenario: "b", claim, target: "yours", variant: null, reason };
    expect(report.notRun).toEqual([skipped]);
    // Otherwise the live display would wait for it.
    expect(shown).toEqual([...report.results, skipped]);
  });

  test("a scenario whose capability the target lacks does not run, and has no verdict", async () => {
    const jobs = jobsOf([named("tooled", holding, ["boot", "tools"]), named("plain", holding)]);
    const report = await run(jobs);
    expect(report.results.map((it) => it.scenario)).toEqual(["plain"]);
    expect(report.notRun).toMatchObject([
      {
        scenario: "tooled",
        target: "yours",
        variant: null,
        reason:
          'the target lacks "tools" on the process backend: no variable in env contains ${tools}',
      },
    ]);
  });

  test("a scenario that does not run is listed once, however often the rest is repeated", async () => {
    const both = [named("tooled", holding, ["boot", "tools"]), named("plain", holding)];
    const report = await run(jobsOf(both, null, 3));
    expect(report.results.map((it) => it.scenario)).toEqual(["plain", "plain", "plain"]);
    expect(report.notRun.map((it) => it.scenario)).toEqual(["tooled"]);
  });

  test("a scenario whose capability the backend lacks does not run either", async () => {
    const report = await run(jobsOf([named("boots", holding)]), {
      resources: resourcesWithout("boot"),
    });
    expect(report.notRun.map((it) => it.reason)).toEqual([
      'the target lacks "boot" on the process backend',
    ]);
  });

  test("a target that does not start is reported, and started once for all its scenarios", async () => {
    const resources = resourcesWithout();
    let times = 0;
    const template = async (): Promise<never> => {
      times += 1;
      const cause = new TargetFailure("no such table");
      throw new Error("the template cannot be made", { cause });
    };
    const jobs = jobsOf(["a", "b"].map((it) => named(it, holding, ["kill"])));
    const cluster = { ...resources.cluster, template };
    const report = await run(jobs, { resources: { ...resources, cluster } });
    const verdict = { kind: "inconclusive", because: "no such table" };
    expect(report.results.map((it) => it.verdict)).toEqual([verdict, verdict]);
    expect(times).toBe(1);
  });

  test("a checker whose capability is missing is listed, and the others judge", async () => {
    const it = named("mixed", holding);
    const growth = { name: "growth", needs: ["database"] as const, judge: () => breaking };
    const checks = [...it.definition.checks, growth];
    const report = await run(jobsOf([{ ...it, definition: { ...it.definition, checks } }]));
    expect(report.results[0]?.verdict.kind).toBe("holds");
    expect(report.notRun).toMatchObject([
      {
        scenario: "mixed",
        checker: "growth",
        reason: expect.stringMatching(/"database" .*: no variable/),
      },
    ]);
  });

  test("the suite repeats a violation with a single replica, and keeps the verdict", async () => {
    const it = named("once", breaking);
    const judge = ({ header }: History): Verdict => (header.experiment ? holding : breaking);
    const checks = [{ name: "says-so", needs: [], judge }];
    const definition = {
      ...it.definition,
      needs: [...it.definition.needs, "replicas" as const],
      checks,
    };
    const [result] = (await run(jobsOf([{ ...it, definition }]))).results;
    expect(result?.verdict.kind).toBe("violated");
    expect(result?.experiments).toEqual([{ name: "one replica", outcome: "holds", again: false }]);
    expect(result?.reproduce).toBe(
      "npx threadproof run once --target yours --variant plain --seed 7",
    );
  });

  test("another violation with one replica does not explain the one with two", async () => {
    const it = named("other", breaking);
    const judge = ({ header }: History): Verdict => (header.experiment ? holding : breaking);
    const checks = [
      { name: "says-so", needs: [], judge },
      { name: "always", needs: [], judge: () => breaking },
    ];
    const needs = [...it.definition.needs, "replicas" as const];
    const [result] = (
      await run(jobsOf([{ ...it, definition: { ...it.definition, needs, checks } }]))
    ).results;
    expect(result?.experiments).toEqual([
      { name: "one replica", outcome: "violated", again: false },
    ]);
  });

  test("the suite does not repeat a violation if no experiment changes anything", async () => {
    let judged = 0;
    const it = named("single", breaking);
    const judge = (): Verdict => (++judged === 1 ? breaking : holding);
    const checks = [{ name: "says-so", needs: [], judge }];
    const [result] = (await run(jobsOf([{ ...it, definition: { ...it.definition, checks } }])))
      .results;
    expect(result?.experiments).toEqual([]);
    expect(judged).toBe(1);
  });

  test("bail stops at the first unexpected result", async () => {
    const all = [named("a", holding), named("b", breaking), named("c", holding)];
    const report = await run(jobsOf(all), { bail: true, parallel: 1 });
    expect(report.results.map((it) => it.scenario)).toEqual(["a", "b"]);
    expect((await run(jobsOf(all), { parallel: 1 })).results).toHaveLength(3);
  });

  test("an accepted violation is as expected, and stale if it no longer occurs", async () => {
    const accepted = { kind: "violated", checker: "says-so", diagnoses: ["amnesia"], reason: "x" };
    const all = [named("mended", holding), named("broken", breaking)];
    const baseline = baselineOf({ yours: { mended: accepted, broken: accepted } });
    const report = await run(jobsOf(all, baseline));
    expect(report.stale).toEqual(["mended/yours"]);
    expect(report.results.map((it) => it.asExpected)).toEqual([true, true]);
  });

  test("a failure of the harness ends the suite when the running scenarios have ended", async () => {
    const failing = Promise.withResolvers<void>();
    const events: string[] = [];
    const plays = (name: string, play: () => Promise<void>): NamedScenario => {
      const it = named(name, holding);
      return { ...it, definition: { ...it.definition, run: play } };
    };
    const fails = plays("fails", () => failing.promise);
    const lasts = plays("lasts", async () => {
      failing.reject(new Error("the disk is full"));
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
      events.push("end of lasts");
    });
    const never = plays("never", async () => {});
    const onStart = ({ scenario }: CaseName) => events.push(scenario);
    const alone = plays("alone", async () => {});
    const running = run(jobsOf([alone, fails, lasts, never]), { parallel: 2, onStart });
    await expect(running).rejects.toThrow("the disk is full");
    // The resources are disposed next: a scenario that still runs would leak processes.
    expect(events).toEqual(["alone", "fails", "lasts", "end of lasts"]);
  });
});
