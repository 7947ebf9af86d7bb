// The proof that the harness is general: a service that shares nothing with the reference app,
// described as a stranger would describe it, gets the right verdict in both of its forms. It is
// started for real.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadScenarios, type NamedScenario } from "./catalogue.ts";
import { type Ground, openGround } from "./ground.ts";
import type { RunReport } from "./report/report.ts";
import { planOf } from "./plan.ts";
import { runSuite } from "./suite.ts";
import { parseConfiguration } from "./target/configuration.ts";
import { command, defineConfig, violated } from "./threadproof.ts";

const user = { "x-user": "${user}" };

const configuration = parseConfiguration(
  defineConfig({
    targets: {
      bare: command({
        start: "node service.ts",
        env: { PORT: "${port}", MODEL_URL: "${model}", DATABASE_URL: "${database}" },
        ready: { get: "/health" },
        say: {
          post: "/conversations/${thread}/messages",
          headers: user,
          json: { text: "${message}" },
          reply: "$.answer",
        },
        read: {
          get: "/conversations/${thread}",
          headers: user,
          list: "$.messages[*].content",
        },
        promises: { concurrency: "enqueue", answerMs: 2_000 },
        variants: {
          memory: {
            about: "an array in place of the table",
            env: { STORE: "memory" },
            breaks: {
              "round-robin": violated("remembers-everything", ["split-brain"]),
              restart: violated("remembers-everything", ["amnesia"]),
            },
          },
        },
      }),
    },
  }),
  "second-target.test.ts",
);

let ground: Ground;
let scenarios: NamedScenario[];

beforeAll(async () => {
  const folder = fileURLToPath(new URL("second-target/", import.meta.url));
  const runId = `second${process.pid}`;
  ground = await openGround({ runId, folder, databaseUrl: null });
  scenarios = await loadScenarios(fileURLToPath(new URL("../scenarios/", import.meta.url)));
});

afterAll(() => ground[Symbol.asyncDispose]());

function run(names: readonly string[], variant: string): Promise<RunReport> {
  const selection = { scenarios: names, targets: [], variants: [variant], repeat: 1 };
  const jobs = planOf(scenarios, configuration, selection, null);
  const fixed = { seed: 1, historyFile: null, command: "", bail: false };
  return runSuite(jobs, { ground, ...fixed });
}

/** Each scenario with its verdict, who said so, and the diagnoses. */
const seen = (report: RunReport) =>
  Object.fromEntries(
    report.results.map((it) => [
      it.scenario,
      [it.verdict.kind, it.checker, ...it.diagnoses.map((one) => one.kind)],
    ]),
  );

test("with a table the second target keeps its conversations", async () => {
  const names = [
    "round-robin",
    "restart",
    "rolling-redeploy",
    "missing-thread-id",
    "double-text",
    "connection-kill",
    "fail-open",
  ];
  const report = await run(names, "plain");
  const holds = ["holds", null];
  expect(seen(report)).toEqual(Object.fromEntries(names.map((it) => [it, holds])));
  expect(report.results.flatMap((it) => it.faults.filter(({ bite }) => !bite.bit))).toEqual([]);
});

test("with an array it forgets, each time for the right reason", async () => {
  const report = await run(["round-robin", "restart"], "memory");
  expect(seen(report)).toEqual({
    "round-robin": ["violated", "remembers-everything", "split-brain"],
    restart: ["violated", "remembers-everything", "amnesia"],
  });
  expect(report.results.map((it) => it.asExpected)).toEqual([true, true]);
  const control = Object.fromEntries(report.results.map((it) => [it.scenario, it.control?.says]));
  expect(control).toEqual({
    "round-robin": "needs two replicas",
    restart: "one replica suffices",
  });
});

test("a database that is silent keeps it waiting: its pool has no time-outs", async () => {
  const report = await run(["database-stall"], "plain");
  expect(seen(report)).toEqual({
    "database-stall": ["violated", "answers-in-time", "hung-turn"],
  });
});

test("what needs tools is not run on it, and listed with the reason", async () => {
  const report = await run(["kill-mid-graph", "kill-then-new-message"], "plain");
  expect(report.results).toEqual([]);
  const reason =
    'the target lacks "tools" on the process backend: no variable of its env has ${tools}';
  expect(report.notRun).toEqual(
    ["kill-mid-graph", "kill-then-new-message"].map((scenario) => ({
      scenario,
      target: "bare",
      variant: null,
      reason,
    })),
  );
});
