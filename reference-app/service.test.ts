import { createServer, type Server } from "node:http";
import { text as textOf } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defaultParts } from "./defaults.ts";
import { httpOf } from "./http.ts";
import { assemble, type Service } from "./service.ts";
import { settingsOf } from "./settings.ts";

const modelRequest = z.object({
  stream: z.boolean().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});

let calls = 0;
let held: { reached: () => void; open: Promise<void> } | undefined;
let modelStatus = 200;
let toolStatus = 200;
const keys: unknown[] = [];

/** Answers like OpenAI: for "search" and "search wrongly" first a tool call, then a reply. */
const upstream = createServer(async (request, response) => {
  calls += 1;
  const text = await textOf(request);
  if (!request.url?.startsWith("/v1/")) {
    keys.push(request.headers["idempotency-key"]);
    return response.writeHead(toolStatus).end(JSON.stringify({ result: "found" }));
  }
  held?.reached();
  await held?.open;
  response.setHeader("content-type", "application/json");
  if (modelStatus !== 200) {
    return response.writeHead(modelStatus).end(JSON.stringify({ error: { message: "no" } }));
  }
  const { stream, messages } = modelRequest.parse(JSON.parse(text));
  const said = String(messages.at(-1)?.content);
  const asksTool = said.startsWith("search");
  const call = { id: `call_${calls}`, type: "function" };
  const args = said === "search" ? '{"query":"x"}' : "{}";
  const message = asksTool
    ? { tool_calls: [{ ...call, function: { name: "search", arguments: args } }] }
    : { content: `seen ${messages.length}` };
  const finish_reason = asksTool ? "tool_calls" : "stop";
  const frame = { id: "same", created: 1, model: "m" };
  if (!stream) {
    const choices = [{ index: 0, finish_reason, message: { role: "assistant", ...message } }];
    return response.end(JSON.stringify({ ...frame, object: "chat.completion", choices }));
  }
  response.setHeader("content-type", "text/event-stream");
  const choices = [{ index: 0, finish_reason, delta: { role: "assistant", ...message } }];
  const chunk = { ...frame, object: "chat.completion.chunk", choices };
  return response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
});

const servers: Server[] = [];
let address = "";
let service: Service;

beforeAll(async () => {
  const up = await listening(upstream);
  const settings = settingsOf({
    CHECKPOINTER: "memory",
    OPENAI_BASE_URL: `${up}/v1`,
    TOOLS_URL: up,
    REPLICA: "test",
  });
  service = assemble(settings, defaultParts(settings));
  address = await listening(createServer(httpOf(service)));
});

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

test("a conversation remembers what was said and done before", async () => {
  const thread = await newThread();
  expect(await chat({ thread_id: thread, message: "search" })).toMatchObject({
    body: { thread_id: thread, reply: "seen 3" },
  });
  expect(await chat({ thread_id: thread, message: "and now?" })).toMatchObject({
    body: { reply: "seen 5" },
  });
  const state = await ask("GET", `/threads/${thread}/state`);
  const outline = ["search", "and now?"];
  expect(state).toMatchObject({ status: 200, body: { thread_id: thread, next: [], outline } });
  const { messages } = z
    .object({ messages: z.array(z.looseObject({ role: z.string() })) })
    .parse(state.body);
  const roles = messages.map(({ role }) => role).join(" ");
  expect(roles).toBe("user assistant tool assistant user assistant");
});

test("a retry with the same request id gets the stored reply and runs nothing", async () => {
  const thread = await newThread();
  const first = await chat({ thread_id: thread, message: "hello", request_id: "1" });
  const before = calls;
  const retry = await chat({ thread_id: thread, message: "hello", request_id: "1" });
  expect(retry.body).toEqual(first.body);
  const other = await chat({ thread_id: thread, message: "other text", request_id: "1" });
  expect(other.status).toBe(400);
  expect(calls).toBe(before);
});

test("a second turn on a busy thread is refused with 409 and Retry-After", async () => {
  const thread = await newThread();
  const reached = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  held = { reached: reached.resolve, open: open.promise };
  const first = chat({ thread_id: thread, message: "slow" });
  await reached.promise;
  const second = await chat({ thread_id: thread, message: "too soon" });
  expect(second).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining("already") },
  });
  expect(second.headers.get("retry-after")).toBe("1");
  expect((await ask("DELETE", `/threads/${thread}`)).status).toBe(409);
  held = undefined;
  open.resolve();
  expect((await first).status).toBe(200);
});

test("a client that goes away finds the reply when it comes back with its request id", async () => {
  const thread = await newThread();
  const reached = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  held = { reached: reached.resolve, open: open.promise };
  const gone = new AbortController();
  const message = { thread_id: thread, message: "slow", request_id: "1" };
  const left = chat(message, {}, gone.signal).catch(() => "left");
  await reached.promise;
  gone.abort();
  expect(await left).toBe("left");
  held = undefined;
  open.resolve();
  const before = calls;
  await expect.poll(async () => (await chat(message)).body).toMatchObject({ reply: "seen 1" });
  expect(calls).toBe(before);
});

test("a turn that is asked to stop saves its step, and the same request id finishes it", async () => {
  const thread = await newThread();
  const reached = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  held = { reached: reached.resolve, open: open.promise };
  const message = { thread_id: thread, message: "search", request_id: "1" };
  const stopped = chat(message);
  await reached.promise;
  service.stopTurns();
  held = undefined;
  open.resolve();
  expect(await stopped).toMatchObject({
    status: 503,
    body: { error: expect.stringMatching(/shutting down: send the message again/) },
  });
  const state = await ask("GET", `/threads/${thread}/state`);
  expect(state.body).toMatchObject({
    next: ["tools"],
    messages: [{ role: "user" }, { role: "assistant" }],
  });
  const before = calls;
  expect((await chat(message)).body).toMatchObject({ reply: "seen 3" });
  // The tool and the second model call; the first one is not repeated.
  expect(calls - before).toBe(2);
});

test("a tool that failed fails the turn, and a retry calls it with the same key", async () => {
  const thread = await newThread();
  const message = { thread_id: thread, message: "search", request_id: "1" };
  const before = keys.length;
  toolStatus = 500;
  expect(await chat(message)).toMatchObject({
    status: 502,
    body: { error: 'the tool "search" failed: it answered 500' },
  });
  toolStatus = 200;
  expect((await chat(message)).body).toMatchObject({ reply: "seen 3" });
  const [first, second, ...more] = keys.slice(before);
  expect([first, more]).toEqual([expect.stringMatching(`^${thread}:call_`), []]);
  expect(second).toBe(first);
});

test("the model gets its wrong arguments as a result, and the tool is not called", async () => {
  const thread = await newThread();
  const before = keys.length;
  const answer = await chat({ thread_id: thread, message: "search wrongly" });
  expect(answer.body).toMatchObject({ reply: "seen 3" });
  expect(keys.length).toBe(before);
  const { body } = await ask("GET", `/threads/${thread}/state`);
  expect(JSON.stringify(body)).toMatch(
    /"role":"tool","content":"Received tool input did not match/,
  );
});

test("a turn that failed is finished before the next message is taken", async () => {
  const thread = await newThread();
  modelStatus = 500;
  const failed = await chat({ thread_id: thread, message: "first", request_id: "1" });
  modelStatus = 200;
  expect(failed.status).toBe(502);
  expect((await chat({ thread_id: thread, message: "second" })).body).toMatchObject({
    reply: "seen 3",
  });
});

test("a turn that the model will never accept is closed, and its thread stays usable", async () => {
  const thread = await newThread();
  modelStatus = 400;
  await chat({ thread_id: thread, message: "poison", request_id: "1" });
  modelStatus = 200;
  const retry = await chat({ thread_id: thread, message: "poison", request_id: "1" });
  expect(retry).toMatchObject({
    status: 500,
    body: { error: expect.stringMatching(/could not be finished/) },
  });
  expect((await chat({ thread_id: thread, message: "next" })).status).toBe(200);
});

test("a stream ends with done, which carries the whole reply", async () => {
  const thread = await newThread();
  const headers = { accept: "text/event-stream" };
  const stream = await chat({ thread_id: thread, message: "search" }, headers);
  expect(stream.headers.get("content-type")).toMatch("text/event-stream");
  const events = String(stream.body).trim().split("\n\n");
  expect(events[0]).toBe('event: delta\ndata: {"text":"seen 3"}');
  expect(events.at(-1)).toBe(`event: done\ndata: {"thread_id":"${thread}","reply":"seen 3"}`);
  modelStatus = 500;
  const broken = await chat({ thread_id: thread, message: "again" }, headers);
  modelStatus = 200;
  expect(String(broken.body)).toMatch(/^event: error\ndata: \{"error":"the model failed/);
  const refused = await chat({ thread_id: 42, message: "x" }, headers);
  expect(refused.status).toBe(400);
});

const unknown = "00000000-0000-4000-8000-000000000000";
test.for<[string, unknown, number]>([
  ["JSON that does not parse", "{", 400],
  ["no object", "[]", 400],
  ["no thread id", { message: "x" }, 400],
  ["a null thread id", { thread_id: null, message: "x" }, 400],
  ["a blank thread id", { thread_id: "", message: "x" }, 400],
  ["a thread id that is undefined in a template", { thread_id: "undefined", message: "x" }, 400],
  ["a number as thread id", { thread_id: 42, message: "x" }, 400],
  ["an unknown thread id", { thread_id: unknown, message: "x" }, 404],
  ["no message", { thread_id: unknown }, 400],
  ["a blank message", { thread_id: unknown, message: " " }, 400],
  ["a message that is no text", { thread_id: unknown, message: 1 }, 400],
  ["a request id that is no text", { thread_id: unknown, message: "x", request_id: 1 }, 400],
  ["a body over the limit", { thread_id: unknown, message: "x".repeat(70_000) }, 413],
])("%s is refused with a sentence, and the model is not asked", async ([, body, status]) => {
  const before = calls;
  const answer = await chat(body);
  expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(/\w+ \w+/) } });
  expect(calls).toBe(before);
});

test("somebody else's thread is as unknown as one that does not exist", async () => {
  const thread = await newThread();
  const stranger = { "x-user-id": "stranger" };
  const foreign = await chat({ thread_id: thread, message: "x" }, stranger);
  const absent = await chat({ thread_id: unknown, message: "x" }, stranger);
  expect([foreign.status, foreign.body]).toEqual([404, absent.body]);
  for (const [method, path] of [
    ["GET", "/state"],
    ["GET", "/history"],
    ["DELETE", ""],
  ] as const) {
    expect((await ask(method, `/threads/${thread}${path}`, undefined, stranger)).status).toBe(404);
  }
  const list = await ask("GET", "/threads", undefined, stranger);
  expect(list.body).toEqual({ threads: [] });
});

test("a thread is titled by its first message, renamed, archived and deleted", async () => {
  const thread = await newThread();
  await chat({ thread_id: thread, message: `  a\n long ${"x".repeat(80)}` });
  const path = `/threads/${thread}`;
  const archived = await ask("PATCH", path, { archived: true });
  expect(archived.body).toMatchObject({
    archived: true,
    title: expect.stringMatching(/^a long x{52}…$/),
  });
  expect((await ask("PATCH", path, { title: "b" })).body).toMatchObject({ title: "b" });
  expect((await ask("PATCH", path, {})).status).toBe(400);
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await chat({ thread_id: thread, message: "x" })).status).toBe(404);
});

test("the history is bounded", async () => {
  const thread = await newThread();
  await chat({ thread_id: thread, message: "search" });
  const { body } = await ask("GET", `/threads/${thread}/history?limit=2`);
  expect(body).toMatchObject({ checkpoints: [{ messages: 4 }, { messages: 3 }] });
  for (const limit of ["0", "101", "all", "-1", ""]) {
    const answer = await ask("GET", `/threads/${thread}/history?limit=${limit}`);
    expect(answer.status).toBe(400);
  }
});

test("every answer names its replica, and readiness needs no user", async () => {
  const ready = await ask("GET", "/readyz", undefined, { "x-user-id": "" });
  expect([ready.status, ready.body]).toEqual([200, { status: "ready" }]);
  expect(ready.headers.get("x-replica")).toBe("test");
  expect((await ask("GET", "/healthz")).body).toEqual({ status: "alive" });
  const nobody = await ask("GET", "/threads", undefined, { "x-user-id": " " });
  expect([nobody.status, nobody.headers.get("x-replica")]).toEqual([401, "test"]);
});

async function newThread(): Promise<string> {
  const { body } = await ask("POST", "/threads");
  return z.object({ id: z.string() }).parse(body).id;
}

function chat(body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) {
  return ask("POST", "/chat", body, headers, signal);
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers = {},
  signal: AbortSignal | null = null,
) {
  const response = await fetch(`${address}${path}`, {
    method,
    signal,
    headers: { "x-user-id": "owner", "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const content: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: content };
}

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = z.custom<AddressInfo>((value) => typeof value === "object").parse(server.address());
  return `http://127.0.0.1:${at.port}`;
}
