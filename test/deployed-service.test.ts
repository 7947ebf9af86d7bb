// Two processes of a service that is not ours to start: what is done to them is done by hooks, as a
// team would write them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { laterPort } from "../harness/machine/port.ts";
import { loadScenarios, type NamedScenario } from "../harness/engine/load.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { pause } from "../harness/faults/pause.ts";
import { openResources } from "../harness/engine/resources.ts";
import { planOf } from "../harness/engine/plan.ts";
import type { RunReport } from "../harness/report/result.ts";
import { scenario } from "../harness/engine/scenario.ts";
import { runSuite } from "../harness/engine/suite.ts";
import { parseConfiguration, type UrlInput } from "../harness/config/configuration.ts";

/** Keeps threads in files that the replicas share, or with STORE=memory in each. */
const service = `
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
const { PORT, STORE, MODEL_URL, REPLICA } = process.env;
const memory = new Map();
const load = (thread) => {
  if (STORE === "memory") return memory.get(thread) ?? [];
  try {
    return readFileSync(thread + ".jsonl", "utf8").trim().split("\\n").map((it) => JSON.parse(it));
  } catch {
    return [];
  }
};
const save = (thread, messages) => {
  if (STORE === "memory") return memory.set(thread, [...load(thread), ...messages]);
  appendFileSync(thread + ".jsonl", messages.map((it) => JSON.stringify(it) + "\\n").join(""));
};
process.on("SIGTERM", () => server.close(() => process.exit(0)));
const server = createServer(async (request, response) => {
  const [, prefix, room, thread] = request.url.split("/");
  if (prefix !== "api") return response.writeHead(404).end();
  if (room === "health") return response.end("fine");
  if (request.method === "GET") return response.end(JSON.stringify({ messages: load(thread) }));
  const message = { role: "user", content: JSON.parse(await text(request)).text };
  const answer = await fetch(MODEL_URL + "/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "any", messages: [...load(thread), message] }),
  });
  const { content } = (await answer.json()).choices[0].message;
  save(thread, [message, { role: "assistant", content }]);
  response.end(JSON.stringify({ reply: content }));
});
server.listen(PORT, "127.0.0.1", () => console.log(REPLICA, "listens"));
`;

const replicas = ["blue", "green"] as const;
const ports = new Map<string, number>();
let folder = "";
let modelPort = 0;
let scenarios: NamedScenario[];

const start =
  "PORT=$(cat $REPLICA.port) node service.mjs >>$REPLICA.log 2>&1 & echo $! >$REPLICA.pid";
const stop = "pid=$(cat $REPLICA.pid); kill $pid; while kill -0 $pid 2>&-; do sleep 0.1; done";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "deployed "));
  writeFileSync(join(folder, "service.mjs"), service);
  modelPort = await laterPort();
  for (const name of replicas) {
    const port = await laterPort();
    ports.set(name, port);
    writeFileSync(join(folder, `${name}.port`), String(port));
  }
  const ours = await loadScenarios(fileURLToPath(new URL("../scenarios/", import.meta.url)));
  scenarios = [...ours, pausing];
});

afterEach(() => {
  for (const name of replicas) {
    try {
      process.kill(pidOf(name), "SIGKILL");
    } catch {
      // The replica has not started, or has already ended.
    }
    rmSync(join(folder, `${name}.pid`), { force: true });
  }
  rmSync(join(folder, "paused.log"), { force: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

const pidOf = (name: string) => Number(readFileSync(join(folder, `${name}.pid`), "utf8"));

const at = (name: string) => `http://127.0.0.1:${ports.get(name)}/api`;

/** The hook that starts a replica with this store. */
const started = (store: "files" | "memory") => ({
  run: start,
  env: { STORE: store, MODEL_URL: `http://127.0.0.1:${modelPort}` },
});

/** The target that describes the service. */
function target(store: "files" | "memory", given: Partial<UrlInput> = {}): UrlInput {
  const { env } = started(store);
  return {
    kind: "url",
    address: Object.fromEntries(replicas.map((name) => [name, at(name)])),
    ready: { get: "/health" },
    say: { post: "/threads/${thread}", json: { text: "${message}" }, reply: "$.reply" },
    read: { get: "/threads/${thread}", list: "$.messages[*].content" },
    wires: { model: modelPort },
    hooks: {
      kill: "kill -9 $(cat ${replica}.pid)",
      start: started(store),
      redeploy: { run: `${stop}; ${start}`, env },
      logs: "cat $REPLICA.log",
    },
    ...given,
  };
}

interface Given {
  readonly hooksAllowed?: boolean;
}

async function run(
  input: UrlInput,
  names: readonly string[],
  given: Given = {},
): Promise<RunReport> {
  const configuration = parseConfiguration({ targets: { mine: input } }, "test.ts");
  const selection = { scenarios: names, targets: [], variants: ["plain"], runs: 1 };
  const jobs = planOf(scenarios, configuration, selection, null);
  const targets = Object.values(configuration.targets);
  const about = { runId: `deployed${process.pid}`, folder, databaseUrl: null, targets };
  await using resources = await openResources({ ...about, hooksAllowed: true, ...given });
  return await runSuite(jobs, { resources, seed: 1, historyFile: null, command: "", bail: false });
}

/** For each scenario: its verdict, the checker, and the diagnoses. */
const seen = (report: RunReport) =>
  Object.fromEntries(
    report.results.map((it) => [
      it.scenario,
      [it.verdict.kind, it.checker, ...it.diagnoses.map((one) => one.kind)],
    ]),
  );

const names = ["round-robin", "restart", "rolling-redeploy"];

test("hooks inject the faults of a deployed service, and it still runs afterwards", async () => {
  const report = await run(target("files"), names);
  const holds = ["holds", null];
  expect(seen(report)).toEqual(Object.fromEntries(names.map((it) => [it, holds])));
  for (const name of replicas) expect((await fetch(`${at(name)}/health`)).status).toBe(200);
});

test("each scenario diagnoses memory in the processes for the right reason", async () => {
  const report = await run(target("memory"), names);
  expect(seen(report)).toEqual({
    "round-robin": ["violated", "remembers-everything", "split-brain"],
    restart: ["violated", "remembers-everything", "amnesia"],
    "rolling-redeploy": ["violated", "remembers-everything", "split-brain"],
  });
  expect(report.results[0]?.experiments).toContainEqual({
    ...{ name: "one replica", outcome: "holds", again: false },
  });
});

/** The reasons of scenarios that did not run. */
const reasons = (report: RunReport) =>
  Object.fromEntries(report.notRun.map((it) => [it.scenario, it.reason]));

/** The kinds and reasons of the verdicts. */
const verdicts = (report: RunReport) =>
  report.results.map(({ verdict }) => [verdict.kind, verdict.because]);

test("reasons name the missing hooks, and hooks run only if they are allowed", async () => {
  const bare = await run(target("files", { hooks: {}, wires: {} }), [
    "restart",
    "rolling-redeploy",
  ]);
  expect(reasons(bare)).toMatchObject({
    restart: 'the target lacks "kill" on the url backend: declare hooks.kill and hooks.start',
    "rolling-redeploy": 'the target lacks "terminate" on the url backend: declare hooks.redeploy',
  });
  const forbidden = await run(target("files"), ["restart"], { hooksAllowed: false });
  expect(reasons(forbidden)["restart"]).toBe(
    'the target lacks "kill" on the url backend: hooks.kill runs only with --allow-hooks',
  );
  const one = await run(target("files", { address: at("blue") }), ["round-robin"]);
  expect(reasons(one)["round-robin"]).toContain("declare one address per replica, or pin");
});

test.each([
  [
    "fails",
    "echo no such container; exit 3",
    /^hooks.kill of replica blue ended with 3: no such co/,
  ],
  ["does nothing", "true", /^hooks.kill of replica blue ended, but 5000 ms later it is still/],
  ["is slow", { run: "sleep 60", withinMs: 300 }, /^hooks.kill of replica blue did not end within/],
])("a hook that %s makes the verdict inconclusive", async (_, kill, sentence) => {
  const hooks = { kill, start: started("memory") };
  const report = await run(target("memory", { hooks }), ["restart"]);
  expect(verdicts(report)).toEqual([["inconclusive", expect.stringMatching(sentence)]]);
});

test("a kill counts even if a supervisor restarts the replica before the hook ends", async () => {
  const { run: again, env } = started("files");
  const kill = { run: `kill -9 $(cat $REPLICA.pid); sleep 0.3; ${again}; sleep 2`, env };
  const report = await run(target("files", { hooks: { kill, start: started("files") } }), [
    "restart",
  ]);
  expect(seen(report)).toEqual({ restart: ["holds", null] });
});

/** The conversation uses the other replica during the pause, and the paused one afterwards. */
const pausing: NamedScenario = {
  name: "pausing",
  definition: scenario({
    claim: "a conversation goes on while a replica is paused",
    needs: ["replicas", "pause"],
    async run({ deployment, inject, conversation }) {
      const { first, other } = deployment;
      const user = conversation();
      await user.say("a fact", { on: first });
      {
        await using _ = await inject(pause(first));
        await user.say("what do you remember?", { on: other });
      }
      await user.say("and now?", { on: first });
    },
    checks: [remembersEverything],
  }),
};

/** Adds to a hook's command that it logs its name and replica. */
const noted = (name: string, line: string) => `${line} && echo ${name} $REPLICA >> paused.log`;
const pauseHook = noted("pause", "kill -STOP $(cat $REPLICA.pid)");
const resumeHook = noted("resume", "kill -CONT $(cat $REPLICA.pid)");
const loggedHooks = () => readFileSync(join(folder, "paused.log"), "utf8").trim().split("\n");

test("one hook pauses a replica and another one resumes it", async () => {
  const hooks = { start: started("files"), pause: pauseHook, resume: resumeHook };
  const report = await run(target("files", { hooks }), ["pausing"]);
  expect(seen(report)).toEqual({ pausing: ["holds", null] });
  expect(report.results[0]?.faults).toEqual([
    { name: "pause blue", bite: { bit: true, what: "replica blue was stopped" } },
  ]);
  expect(loggedHooks()).toEqual(["pause blue", "resume blue"]);
});

test("with memory in each process the other replica does not know the paused one's turn", async () => {
  const hooks = { start: started("memory"), pause: pauseHook, resume: resumeHook };
  const report = await run(target("memory", { hooks }), ["pausing"]);
  expect(seen(report)).toEqual({ pausing: ["violated", "remembers-everything", "split-brain"] });
  // The experiment has a single replica, which is paused and cannot answer.
}, 120_000);

test.each([
  [
    "pause does nothing",
    "true",
    resumeHook,
    /^hooks.pause of replica blue ended, but 5000 ms later/,
  ],
  ["pause fails", "exit 4", resumeHook, /^hooks.pause of replica blue ended with 4/],
  [
    "resume fails",
    pauseHook,
    `${resumeHook}; echo no such pod; exit 5`,
    /^hooks.resume of replica blue ended with 5: no such pod/,
  ],
])(
  "if %s the verdict is inconclusive, and no replica stays paused",
  async (_, first, second, sentence) => {
    const hooks = { start: started("files"), pause: first, resume: second };
    const report = await run(target("files", { hooks }), ["pausing"]);
    expect(verdicts(report)).toEqual([["inconclusive", expect.stringMatching(sentence)]]);
    expect(loggedHooks().at(-1)).toBe("resume blue");
    for (const name of replicas) expect((await fetch(`${at(name)}/health`)).status).toBe(200);
  },
);

test("without a pause hook the scenario does not run, and the reason names the hooks", async () => {
  const report = await run(target("files"), ["pausing"]);
  expect(reasons(report)).toEqual({
    pausing: 'the target lacks "pause" on the url backend: declare hooks.pause and hooks.resume',
  });
});

test("hooks can be requests to this machine, and to other hosts only if they are allowed", async () => {
  const asked: string[] = [];
  const control = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url?.startsWith("/kill") === true) process.kill(pidOf("blue"), "SIGKILL");
    response.statusCode = request.url?.startsWith("/moved") === true ? 302 : 200;
    response.setHeader("location", "http://127.0.0.1:9/elsewhere").end("done");
  });
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  const { port } = control.address() as AddressInfo;
  const own = target("files").hooks ?? {};
  const there = (path: string) => ({ post: `http://127.0.0.1:${port}${path}` });
  const hooks = { ...own, kill: there("/kill/${replica}") };
  expect(seen(await run(target("files", { hooks }), ["restart"]))).toEqual({
    restart: ["holds", null],
  });
  // By the scenario, and by the engine before the last reads.
  expect(asked).toEqual(["POST /kill/blue", "POST /kill/blue"]);
  const moved = await run(target("files", { hooks: { ...own, kill: there("/moved") } }), [
    "restart",
  ]);
  expect(verdicts(moved)[0]?.[1]).toBe("hooks.kill of replica blue answered 302: done");
  const foreign = { post: "http://example.com/kill" };
  await expect(run(target("files", { hooks: { kill: foreign } }), ["restart"])).rejects.toThrow(
    'targets.mine.hooks.kill: the address is on example.com, which is not this machine: if it is a test host, add "example.com" to allow',
  );
  control.close();
});

test("one address with a pin counts as all the replicas that the pin names", async () => {
  await run(target("files"), ["round-robin"]); // starts both replicas
  const balancer = createServer((request, response) => {
    const name = String(request.headers["x-pod"]);
    const url = new URL(request.url ?? "", at(name));
    const forward = async () => {
      const { method = "GET" } = request;
      const body = await text(request);
      const answer = await fetch(url, { method, ...(method === "GET" ? {} : { body }) });
      response.statusCode = answer.status;
      response.end(await answer.text());
    };
    // A replica that is being restarted refuses connections.
    forward().catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => balancer.listen(0, "127.0.0.1", resolve));
  const { port } = balancer.address() as AddressInfo;
  const pin = { header: "x-pod", replicas: ["blue", "green"] };
  const report = await run(target("files", { address: `http://127.0.0.1:${port}/api`, pin }), [
    "round-robin",
  ]);
  expect(seen(report)).toEqual({ "round-robin": ["holds", null] });
  balancer.close();
});

test("a hook cuts off the database, and another one heals it even if the scenario fails", async () => {
  const hooks = {
    ...target("files").hooks,
    cutDatabase: "echo cut >> database.log",
    healDatabase: "echo healed >> database.log",
  };
  const report = await run(target("files", { hooks }), ["fail-open"]);
  expect(report.notRun).toEqual([]);
  expect(readFileSync(join(folder, "database.log"), "utf8")).toBe("cut\nhealed\n");
  const broken = { ...hooks, cutDatabase: "echo cut >> database.log; exit 1" };
  const failed = await run(target("files", { hooks: broken }), ["fail-open"]);
  expect(verdicts(failed)[0]?.[1]).toContain("hooks.cutDatabase ended with 1");
  expect(readFileSync(join(folder, "database.log"), "utf8")).toBe("cut\nhealed\ncut\nhealed\n");
});
