// The doctor on the bare example service: with a correct configuration, and with one mistake at a
// time. The doctor does not check parts that depend on the broken one.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadScenarios, type NamedScenario } from "../harness/engine/load.ts";
import { examine, type PartFinding } from "../harness/doctor/service/examination.ts";
import { outlookOf } from "../harness/doctor/service/outlook.ts";
import { type RunResources, openResources } from "../harness/engine/resources.ts";
import {
  parseConfiguration,
  type CommandInput,
  type Target,
} from "../harness/config/configuration.ts";
import { openDatabase } from "../harness/deployment/database-template.ts";

const folder = fileURLToPath(new URL("../examples/bare/", import.meta.url));
const headers = { "x-user": "${user}" };

const described: CommandInput = {
  kind: "command",
  start: "node service.ts",
  env: { PORT: "${port}", MODEL_URL: "${model}", DATABASE_URL: "${database}" },
  ready: { get: "/health", withinMs: 60_000 },
  say: {
    post: "/conversations/${thread}/messages",
    headers,
    json: { text: "${message}" },
    reply: "$.answer",
  },
  read: { get: "/conversations/${thread}", headers, list: "$.messages[*].content" },
  turnTimeoutMs: 30_000,
};

/** A model server that the model wire does not see. */
const model = createServer((_, response) => {
  const message = { role: "assistant", content: "Hi." };
  response.end(JSON.stringify({ choices: [{ message }] }));
}).listen(0, "127.0.0.1");
await once(model, "listening");
const elsewhere = `http://127.0.0.1:${(model.address() as AddressInfo).port}`;

let resources: RunResources;
let scenarios: NamedScenario[];
let count = 0;

beforeAll(async () => {
  resources = await openResources({ runId: `doctor${process.pid}`, folder, databaseUrl: null });
  scenarios = await loadScenarios(fileURLToPath(new URL("../scenarios/", import.meta.url)));
}, 120_000);

afterAll(async () => {
  model.close();
  await resources[Symbol.asyncDispose]();
});

function targetOf(given: object): Target {
  const { mine } = parseConfiguration({ targets: { mine: given } }, "my.ts").targets;
  if (mine === undefined) throw new Error("the target is gone");
  return mine;
}

async function examined(target: Target) {
  // Each target needs its own name, because the harness creates one template database per name.
  const name = `mine${(count += 1)}`;
  const backend = resources.backendOf(target);
  const findings = await examine({
    name,
    target,
    backend,
    seed: 1,
    hooks: null,
    over: new AbortController().signal,
    onStart: () => {},
    onFinding: () => {},
    openDatabase: async (of) => {
      const named = { name, definition: target };
      return openDatabase(of, { backend, cluster: resources.cluster, target: named });
    },
  });
  return { findings, outlook: outlookOf(target, backend, scenarios, findings) };
}

const statesOf = (findings: readonly PartFinding[]) =>
  Object.fromEntries(findings.map(({ part, finding }) => [part, finding.state]));
const brokenIn = (findings: readonly PartFinding[]) =>
  findings.flatMap(({ part, finding }) => (finding.state === "broken" ? [part] : []));
const saysOf = (findings: readonly PartFinding[], part: string) =>
  findings.find((it) => it.part === part)?.finding.says ?? "";

test("with a correct configuration every declared part works", async () => {
  const { findings, outlook } = await examined(targetOf(described));
  const [works, open] = ["works", "open"];
  expect(statesOf(findings)).toEqual({
    ...{ start: works, "ready check": works, turn: works, read: works, "second view": open },
    threads: works,
    ...{ replicas: works, "model wire": works, "model calls": works, "side calls": works },
    ...{ prompt: works, "database wire": works, storage: works, "tools wire": open },
    ...{ resume: open, "unknown thread": open, retry: open, delete: open, hooks: open },
  });
  expect(outlook.runs).toContain("round-robin");
  expect(outlook.notRun.find(({ scenario }) => scenario === "kill-mid-graph")?.reason).toBe(
    "lacks tools; no variable in env contains ${tools}",
  );
}, 120_000);

const say = described.say;
const { PORT: _, ...deaf } = described.env ?? {};
const ann = { "x-user": "ann" };
const one = "/conversations/00000000-0000-0000-0000-000000000000/messages";

interface Mistake {
  readonly given: object;
  readonly broken: readonly string[];
  /** Part of the finding for the first broken part. */
  readonly says: string;
  /** A part that depends on the broken one, so the doctor does not check it. */
  readonly untried?: string;
}

const mistakes: Record<string, Mistake> = {
  "a wrong ready path": {
    // The time counts from the start of the process, which must answer 404 within it.
    given: { ready: { get: "/never", withinMs: 6_000 } },
    broken: ["start"],
    says: 'GET /never answers 404: {"error":"no such thing"}',
    untried: "turn",
  },
  "a command that crashes": {
    given: { start: "node --eval \"throw new Error('no such table')\"" },
    broken: ["start"],
    says: "Error: no such table",
    untried: "turn",
  },
  "a port that is ignored": {
    given: { env: { ...deaf, PORT: "0" }, ready: { get: "/health", withinMs: 2_000 } },
    broken: ["start"],
    says: "nothing answers GET /health within 2000 ms: it is slow, or listens elsewhere",
    untried: "turn",
  },
  "a wrong path of the turn": {
    given: { say: { ...say, post: "/chat" } },
    broken: ["turn"],
    says: "check the path of say",
    untried: "read",
  },
  "a wrong path of the reply": {
    given: { say: { ...say, reply: "$.reply" } },
    broken: ["turn"],
    says: "check say.reply: it must point to the text of the reply",
    untried: "model wire",
  },
  "a wrong path of the read": {
    given: { read: { get: "/threads/${thread}", headers, list: "$.messages[*].content" } },
    broken: ["read"],
    says: 'GET /threads/${thread}: 404 {"error":"no such thing"}',
  },
  "a wrong list of the read": {
    given: { read: { get: "/conversations/${thread}", headers, list: "$.messages[*].role" } },
    broken: ["read"],
    says: "$.messages[*].role finds no token in the response",
  },
  "a thread id that is not sent": {
    given: {
      say: { ...say, post: one, headers: ann },
      read: { ...described.read, get: one.replace("/messages", ""), headers: ann },
    },
    broken: ["threads"],
    says: 'thread "first" sees a message of thread "second": say does not contain ${thread}',
  },
  "a model that is not ours": {
    given: { env: { ...described.env, MODEL_URL: elsewhere, OTHER: "${model}" } },
    broken: ["model wire"],
    says: "a and b answered without calling it",
    untried: "prompt",
  },
  "a database that is not used": {
    given: { env: { ...described.env, STORE: "memory" } },
    broken: ["database wire"],
    says: "a and b did not connect to it",
    untried: "storage",
  },
};

test.each(Object.entries(mistakes))(
  "the doctor finds %s",
  async (_, { given, broken, says, untried }) => {
    const { findings } = await examined(targetOf({ ...described, ...given }));
    expect(brokenIn(findings)).toEqual(broken);
    expect(saysOf(findings, broken[0] ?? "")).toContain(says);
    if (untried === undefined) return;
    const below = findings.find(({ part }) => part === untried)?.finding;
    expect(below).toEqual({
      state: "open",
      says: expect.stringMatching(/^not tried, because this does not work: /),
    });
  },
  120_000,
);
