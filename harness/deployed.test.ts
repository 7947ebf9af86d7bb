// Two processes of a service that is not ours to start: what is done to them is done by hooks, as a
// team would write them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freePort } from "./backends/port.ts";
import { loadScenarios, type NamedScenario } from "./catalogue.ts";
import { openGround } from "./ground.ts";
import { planOf } from "./plan.ts";
import type { RunReport } from "./report/report.ts";
import { runSuite } from "./suite.ts";
import { parseConfiguration, type UrlInput } from "./target/configuration.ts";

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
  modelPort = await freePort();
  for (const name of replicas) {
    const port = await freePort();
    ports.set(name, port);
    writeFileSync(join(folder, `${name}.port`), String(port));
  }
  scenarios = await loadScenarios(fileURLToPath(new URL("../scenarios/", import.meta.url)));
});

afterEach(() => {
  for (const name of replicas) {
    try {
      process.kill(pidOf(name), "SIGKILL");
    } catch {
      // It was not started, or has ended.
    }
    rmSync(join(folder, `${name}.pid`), { force: true });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const pidOf = (name: string) => Number(readFileSync(join(folder, `${name}.pid`), "utf8"));

const at = (name: string) => `http://127.0.0.1:${ports.get(name)}/api`;

/** The service, as its owner describes it. */
function target(store: "files" | "memory", given: Partial<UrlInput> = {}): UrlInput {
  const env = { STORE: store, MODEL_URL: `http://127.0.0.1:${modelPort}` };
  return {
    kind: "url",
    address: Object.fromEntries(replicas.map((name) => [name, at(name)])),
    ready: { get: "/health" },
    say: { post: "/threads/${thread}", json: { text: "${message}" }, reply: "$.reply" },
    read: { get: "/threads/${thread}", list: "$.messages[*].content" },
    wires: { model: modelPort },
    hooks: {
      kill: "kill -9 $(cat ${replica}.pid)",
      start: { run: start, env },
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
  const selection = { scenarios: names, targets: [], variants: ["plain"], repeat: 1 };
  const jobs = planOf(scenarios, configuration, selection, null);
  const targets = Object.values(configuration.targets);
  const about = { runId: `deployed${process.pid}`, folder, databaseUrl: null, targets };
  await using ground = await openGround({ ...about, hooksAllowed: true, ...given });
  return await runSuite(jobs, { ground, seed: 1, historyFile: null, command: "", bail: false });
}

/** Each scenario with its verdict, who said so, and the diagnoses. */
const seen = (report: RunReport) =>
  Object.fromEntries(
    report.results.map((it) => [
      it.scenario,
      [it.verdict.kind, it.checker, ...it.diagnoses.map((one) => one.kind)],
    ]),
  );

const names = ["round-robin", "restart", "rolling-redeploy"];

test("a service that is deployed is judged by what its hooks do to it, and stays up", async () => {
  const report = await run(target("files"), names);
  const holds = ["holds", null];
  expect(seen(report)).toEqual(Object.fromEntries(names.map((it) => [it, holds])));
  for (const name of replicas) expect((await fetch(`${at(name)}/health`)).status).toBe(200);
});

test("with a memory in each process it forgets, each time for the right reason", async () => {
  const report = await run(target("memory"), names);
  expect(seen(report)).toEqual({
    "round-robin": ["violated", "remembers-everything", "split-brain"],
    restart: ["violated", "remembers-everything", "amnesia"],
    "rolling-redeploy": ["violated", "remembers-everything", "split-brain", "amnesia"],
  });
  expect(report.results.map((it) => it.control?.says)).toEqual([
    "needs two replicas",
    "one replica suffices",
    "one replica suffices",
  ]);
});
