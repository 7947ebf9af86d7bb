import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { headerOf } from "../../test/support/shorthand.ts";
import { Conversation } from "./conversation.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { runContext } from "../deployment/run-context.ts";
import { parsePoint } from "../history/point.ts";
import { entriesOf } from "../history/history.ts";
import type { Capability } from "../history/capability.ts";
import { random } from "../history/random.ts";
import { Recording } from "../history/recording.ts";
import { MemoryProbe } from "./memory-probe.ts";
import { HttpClient } from "./http-client.ts";
import { command, parseConfiguration, type CommandInput } from "../config/configuration.ts";
import { Holds } from "../wires/hold.ts";

const definition = command({
  start: "unused",
  ready: { get: "/ready" },
  say: { post: "/say", json: { message: "${message}" }, reply: "$.reply" },
  read: { get: "/state", list: "$[*]" },
  promises: { answerMs: 300 },
});

/** For tests that end with the answer, so that a slow machine does not matter. */
const longPromise = { promises: { answerMs: 10_000 } };

/** A user of a small service. */
async function userOf(
  service: RequestListener,
  fields: Partial<CommandInput> = {},
  capabilities: readonly Capability[] = ["model"],
) {
  const server = createServer(service).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new HttpClient(() => new URL(`http://127.0.0.1:${port}`));
  const mine = { ...definition, ...fields };
  const { mine: target } = parseConfiguration({ targets: { mine } }, "test").targets;
  if (target === undefined) throw new Error("the target is gone");
  const recording = new Recording({ ...headerOf({}), capabilities }, null);
  const given = { target, runId: "r1", random: random(1), recording, isWatched: false };
  const context = { ...runContext(given), holds: new Holds(recording, 1_000) };
  const { holds } = context;
  const deployment = { boots: 1, replicas: [] } as unknown as Deployment;
  const memory = new MemoryProbe(["model"]);
  const user = new Conversation("c1", { ...context, deployment, client, memory, gate: null });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await client[Symbol.asyncDispose]();
  });
  return { user, recording, holds };
}

const ok: RequestListener = (_, response) => response.end('{"reply": "noted"}');

test("a hang-up drops the open requests, and their outcome is unknown", async () => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const { user, recording } = await userOf((request, response) => {
    response.once("close", left.resolve);
    request.resume().once("end", arrived.resolve);
  });
  expect(user.hangUp()).toBe(0);
  const said = user.say("hello");
  await arrived.promise;
  expect(user.hangUp()).toBe(1);
  expect(await said).toEqual({ kind: "unknown", why: "the client hung up" });
  await left.promise;
  expect(user.hangUp()).toBe(0);
  expect(entriesOf(recording, "attempt.end")).toMatchObject([{ replica: null, status: null }]);
});

test("a hold on a turn remains after a hang-up, because the turn may continue", async () => {
  const arrived = Promise.withResolvers<void>();
  const { user, recording, holds } = await userOf(() => arrived.resolve());
  using held = holds.hold(user.next, parsePoint("search"));
  const said = user.say("hello");
  await arrived.promise;
  user.hangUp();
  await said;
  expect(entriesOf(recording, "fault.end")).toEqual([]);
  held[Symbol.dispose]();
  expect(entriesOf(recording, "fault.end")).toHaveLength(1);
});

test("answeredInTime resolves when the answer arrives or the promised time is over", async () => {
  const { user } = await userOf(ok, longPromise);
  void user.say("hello");
  expect(await user.answeredInTime()).toBe(true);
  const slow = await userOf(() => {});
  const said = slow.user.say("hello");
  const began = performance.now();
  expect(await slow.user.answeredInTime()).toBe(false);
  expect(performance.now() - began).toBeGreaterThan(300);
  slow.user.hangUp();
  await said;
});

test("insist repeats a refused turn until it is answered or the time is over", async () => {
  const answers = [409, 409, 200];
  let asked = 0;
  const { user, recording } = await userOf((_, response) => {
    response.writeHead(answers[asked] ?? 409).end('{"reply": "noted"}');
    asked += 1;
  }, longPromise);
  const insisting = user.insist("hello");
  expect(await user.answeredInTime()).toBe(true);
  expect(await insisting).toEqual({ kind: "ok", reply: "noted" });
  const begins = entriesOf(recording, "attempt.begin");
  expect(begins).toHaveLength(3);
  expect(new Set(begins.map(({ turn }) => turn)).size).toBe(1);
  const refused = await userOf((_, response) => response.writeHead(409).end("busy"));
  const began = performance.now();
  expect(await refused.user.insist("hello")).toMatchObject({ kind: "failed" });
  expect(performance.now() - began).toBeGreaterThan(299);
});

test("readUntilReplied reads the thread until it shows the reply to the last turn", async () => {
  const lists = ["[]", '["TOKEN"]', '["TOKEN", "noted tpa-00000001"]', "[]"];
  let token = "";
  let reads = 0;
  const { user } = await userOf((request, response) => {
    if (request.url === "/state") {
      response.end((lists[reads] ?? "").replace("TOKEN", token));
      reads += 1;
    } else ok(request, response);
  }, longPromise);
  token = user.next.token;
  await user.say("hello");
  await user.readUntilReplied();
  expect(reads).toBe(3);
});

test("readUntilReplied gives up when the promised time is over", async () => {
  const { user } = await userOf((request, response) => {
    if (request.url === "/state") response.end("[]");
    else ok(request, response);
  });
  await user.say("hello");
  const began = performance.now();
  expect(await user.readUntilReplied()).toBe(null);
  expect(performance.now() - began).toBeGreaterThan(299);
});

/** Answers each message with the next item of the list. */
function answering(...answers: readonly (readonly [number, string])[]) {
  let asked = 0;
  const service: RequestListener = (request, response) => {
    if (request.url === "/state") return response.end("[]");
    const [status, body] = answers[asked] ?? [200, '{"reply": "noted"}'];
    asked += 1;
    return response.writeHead(status).end(body);
  };
  return { service, asked: () => asked };
}

const busy = [409, "busy"] as const;
const broken = [500, "oh"] as const;
const good = [200, '{"reply": "noted"}'] as const;

test.each([
  // A refused turn is sent again, whatever the target declares.
  ["none", [busy], 2, "ok"],
  ["wait", [busy], 2, "ok"],
  // A turn with an unknown outcome is repeated only if that is harmless, or declared.
  ["same-request-id", [broken], 2, "ok"],
  ["resend", [broken], 2, "ok"],
  ["none", [broken], 1, "unknown"],
  ["wait", [broken], 1, "unknown"],
  // An answered turn is repeated only with its request id.
  ["resend", [good], 1, "ok"],
  ["same-request-id", [good], 2, "ok"],
] as const)(
  "a retry sends no more than the target declares: %s after %j",
  async (retry, first, n, kind) => {
    const { service, asked } = answering(...first);
    const { user } = await userOf(service, { retry });
    await user.say("hello");
    const { retrySends } = user;
    expect(await user.retry()).toMatchObject({ kind });
    expect(asked()).toBe(n);
    expect(retrySends).toBe(n === 2);
  },
);

test("a retry by waiting finds the reply in the thread, and sends nothing twice", async () => {
  let token = "";
  const requests: string[] = [];
  const { user, recording } = await userOf(
    (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      if (request.url === "/state") return response.end(`["${token}", "noted tpa-00000001"]`);
      return response.writeHead(500).end();
    },
    { retry: "wait" },
  );
  token = user.next.token;
  await user.say("hello");
  expect(await user.retry()).toEqual({ kind: "ok", reply: "noted tpa-00000001" });
  expect(requests).toEqual(["POST /say", "GET /state"]);
  expect(entriesOf(recording, "attempt.end")).toHaveLength(1);
});

test("an accepted turn is over when the thread shows its reply", async () => {
  const lists = ["[]", '["TOKEN"]', '["TOKEN", "noted tpa-00000001"]'];
  let token = "";
  let reads = 0;
  const service: RequestListener = (request, response) => {
    if (request.url !== "/state") return response.writeHead(202).end();
    response.end((lists[reads] ?? "").replace("TOKEN", token));
    reads += 1;
  };
  const say = { post: "/say", json: { message: "${message}" }, reply: { kind: "state" as const } };
  const { user, recording } = await userOf(service, { say });
  token = user.next.token;
  expect(await user.say("hello")).toEqual({ kind: "ok", reply: "noted tpa-00000001" });
  expect(reads).toBe(3);
  const { user: other } = await userOf((_, response) => response.end("[]"), {
    say,
    turnTimeoutMs: 1_000,
  });
  const why = "accepted, but the thread showed no reply within 1000 ms";
  expect(await other.say("hello")).toEqual({ kind: "unknown", why });
  const reading = entriesOf(recording, "read.end").map(({ list }) => list?.length);
  expect(reading).toEqual([0, 1, 2]);
});

test("if our model does not reply, any text after the message is the reply", async () => {
  let token = "";
  const say = { post: "/say", json: { message: "${message}" }, reply: { kind: "state" as const } };
  const { user } = await userOf(
    (_, response) => response.end(`["before", "hello ${token}", "How nice!"]`),
    { say },
    [],
  );
  token = user.next.token;
  expect(await user.say("hello")).toEqual({ kind: "ok", reply: "How nice!" });
});

test("if the target declares resume, the user answers an interrupt and the turn continues", async () => {
  const asked: string[] = [];
  const service: RequestListener = (request, response) => {
    asked.push(request.url ?? "");
    const isOver = asked.filter((it) => it === "/resume").length === 2;
    response.end(isOver ? '{"reply": "booked"}' : '{"wait": "book it?"}');
  };
  const say = {
    post: "/say",
    json: { message: "${message}" },
    reply: "$.reply",
    means: [{ path: "$.wait", means: "interrupted" as const }],
  };
  const { user, recording } = await userOf(service, { say, resume: { post: "/resume" } });
  expect(await user.say("hello")).toEqual({ kind: "ok", reply: "booked" });
  expect(asked).toEqual(["/say", "/resume", "/resume"]);
  const outcomes = entriesOf(recording, "attempt.end").map(({ outcome }) => outcome.kind);
  expect(outcomes).toEqual(["interrupted", "interrupted", "ok"]);
  expect(new Set(entriesOf(recording, "attempt.begin").map(({ turn }) => turn)).size).toBe(1);
  asked.length = 0;
  expect(await user.say("again", { approve: false })).toMatchObject({ kind: "interrupted" });
  expect(asked).toEqual(["/say"]);
  await user.resume();
  expect(asked).toEqual(["/say", "/resume"]);
});

test("the history has both views of a thread, each under its name", async () => {
  const { user, recording } = await userOf((request, response) => response.end('["x"]'), {
    secondView: { get: "/checkpoints", list: "$[*]" },
  });
  await user.read();
  await user.read({ view: "secondView", final: true });
  expect(entriesOf(recording, "read.begin")).toMatchObject([
    { read: "c1/read 1", final: false },
    { read: "c1/secondView 2", final: true },
  ]);
});
