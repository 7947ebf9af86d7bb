// A deployed service with its own Postgres: login, approvals, two views of a thread, deletion, and
// queries on its database. Each part is tested with a correct and with a wrong configuration.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadScenarios, type NamedScenario } from "../harness/engine/load.ts";
import { type RunResources, openResources } from "../harness/engine/resources.ts";
import { planOf } from "../harness/engine/plan.ts";
import type { Database } from "../harness/machine/postgres/database.ts";
import type { RunReport } from "../harness/report/result.ts";
import { runSuite } from "../harness/engine/suite.ts";
import { parseConfiguration, type UrlInput } from "../harness/config/configuration.ts";
import { type Store, WholeService } from "./support/whole-service.ts";

let resources: RunResources;
let scenarios: NamedScenario[];
const folder = import.meta.dirname;

beforeAll(async () => {
  // The Postgres server of the service: a run starts none for deployed targets.
  resources = await openResources({ runId: `whole${process.pid}`, folder, databaseUrl: null });
  scenarios = await loadScenarios(fileURLToPath(new URL("../scenarios/", import.meta.url)));
}, 120_000);

afterAll(() => resources[Symbol.asyncDispose]());

/** Stores threads as rows of one table. */
async function inPostgres(database: Database): Promise<Store> {
  await database.query(
    "CREATE TABLE messages (id serial, thread_id text, role text, content text)",
  );
  return {
    load: async (thread) => {
      const sql = "SELECT role, content FROM messages WHERE thread_id = $1 ORDER BY id";
      const rows = await database.query(sql, [thread]);
      return rows.map(({ role, content }) => ({
        role: role === "user" ? "user" : "assistant",
        content: String(content),
      }));
    },
    save: async (thread, messages) => {
      for (const { role, content } of messages) {
        const sql = "INSERT INTO messages (thread_id, role, content) VALUES ($1, $2, $3)";
        await database.query(sql, [thread, role, content]);
      }
    },
    drop: async (thread) => {
      await database.query("DELETE FROM messages WHERE thread_id = $1", [thread]);
    },
  };
}

async function run(target: UrlInput, names: readonly string[]): Promise<RunReport> {
  const configuration = parseConfiguration({ targets: { whole: target } }, "test.ts");
  const selection = { scenarios: names, targets: [], variants: ["plain"], runs: 1 };
  const jobs = planOf(scenarios, configuration, selection, null);
  const targets = Object.values(configuration.targets);
  const about = { runId: `deployed${process.pid}`, folder, databaseUrl: null, targets };
  await using resourcesOfRun = await openResources(about);
  return await runSuite(jobs, {
    resources: resourcesOfRun,
    seed: 1,
    historyFile: null,
    command: "",
    bail: false,
  });
}

const seen = ({ results }: RunReport) =>
  results.map((it) => [it.scenario, it.verdict.kind, ...it.diagnoses.map(({ kind }) => kind)]);
const because = ({ results }: RunReport) => results[0]?.verdict.because;

test("the client logs in, approves each turn, and reads both views", async () => {
  await using service = await WholeService.open();
  const report = await run(service.target(), ["round-robin"]);
  expect([seen(report), report.notRun]).toEqual([[["round-robin", "holds"]], []]);
  const times = (asked: string) => service.asked.filter((it) => it === asked).length;
  // The two users of the warm-up and each user of the scenario log in once and create one thread.
  expect(times("POST login")).toBeGreaterThan(2);
  expect(times("POST threads")).toBe(times("POST login"));
  // The client approves each turn once.
  expect(times("POST threads :id approval")).toBeGreaterThan(5);
  expect(times("POST threads :id approval")).toBe(times("POST threads :id messages"));
  // The final reads go through each replica.
  expect(times("GET threads :id log")).toBeGreaterThanOrEqual(2);
  expect(report.results[0]?.seenThrough).toEqual(["model wire", "state"]);
});

const approval = { post: "/threads/${thread}/confirmation" };
const say = { post: "/threads/${thread}/messages", json: { text: "${message}" }, reply: "$.reply" };

test.each([
  ["without a login", { login: [], headers: {} }, /as failed: no thread: 401 .*no token/],
  ["without the cookie", { headers: { authorization: "Bearer ${token}" } }, /401 .*no session/],
  ["with a wrong approval", { resume: approval }, /as unknown: 405 .*no such request/],
  ["without an approval", { resume: undefined }, /as interrupted$/],
  ["with an approval that is not declared", { say }, /no reply at \$\.reply: 200 .*waits/],
])(
  "%s the verdict is inconclusive, with the reason",
  async (_, given: Partial<UrlInput>, sentence) => {
    await using service = await WholeService.open();
    const report = await run(service.target(given), ["round-robin"]);
    expect(seen(report)).toEqual([["round-robin", "inconclusive"]]);
    expect(because(report)).toMatch(sentence);
  },
);

test("a second view without an acknowledged turn is a violation", async () => {
  await using service = await WholeService.open();
  const first = { get: "/threads/${thread}/log", list: "$[-1:]" };
  const report = await run(service.target({ secondView: first }), ["round-robin"]);
  expect(seen(report)).toEqual([["round-robin", "violated", expect.any(String)]]);
});

const figuresOf = ({ results }: RunReport) =>
  Object.fromEntries(results.flatMap((it) => it.figures.map((one) => [one.name, one])));

test("the growth of the test database is measured and compared with a budget", async () => {
  await using database = await resources.cluster.create();
  await using service = await WholeService.open({ store: await inPostgres(database) });
  const testDatabase = { url: database.url, test: true } as const;
  const report = await run(service.target({ database: testDatabase }), ["table-growth"]);
  expect(seen(report)).toEqual([["table-growth", "holds"]]);
  // Two rows per turn: a message of a thousand characters and a short answer.
  expect(figuresOf(report)).toMatchObject({
    "growth.rowsPerTurn": { measured: 2, allowed: null },
    "growth.bytesPerTurn": { measured: expect.any(Number) },
  });
  expect(figuresOf(report)["growth.bytesPerTurn"]?.measured).toBeGreaterThan(1_000);
  const tight = { growth: { rowsPerTurn: 1 } };
  const target = service.target({ database: testDatabase, promises: tight });
  expect(seen(await run(target, ["table-growth"]))).toEqual([
    ["table-growth", "violated", "rows-over-budget"],
  ]);
}, 120_000);

test("the checker finds rows that a deleted thread leaves behind", async () => {
  await using database = await resources.cluster.create();
  const store = { ...(await inPostgres(database)), drop: async () => {} };
  await using service = await WholeService.open({ store });
  const testDatabase = { url: database.url, test: true } as const;
  const report = await run(service.target({ database: testDatabase }), ["table-growth"]);
  expect(seen(report)).toEqual([["table-growth", "violated", "leftover-rows"]]);
}, 120_000);

test("a database that does not answer makes the verdict inconclusive, with a remedy", async () => {
  await using service = await WholeService.open();
  const testDatabase = { url: "postgres://me:hidden@127.0.0.1:9/x", test: true } as const;
  const report = await run(service.target({ database: testDatabase }), ["table-growth"]);
  expect(seen(report)).toEqual([["table-growth", "inconclusive"]]);
  expect(because(report)).toMatch(/^the target's database cannot be queried: no Postgres/);
  expect(because(report)).not.toMatch(/--database-url|hidden/);
});
