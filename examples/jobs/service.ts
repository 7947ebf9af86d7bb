/**
 * An assistant with a queue: it answers a message with a job id, a worker of any replica runs the
 * job, and the client polls its state. The client makes the thread id. The service does not depend
 * on threadproof.
 *
 * PORT · DATABASE_URL · OPENAI_BASE_URL · TOOLS_URL · QUEUE: "table", or "memory" for one queue per
 * process · KEYS: "none" ignores idempotency keys, so a repeated request is a second job · LEASE:
 * "none" never frees the job of a dead worker · ORDER: "none" runs the jobs of one thread at once.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { memoryQueue } from "./memory-queue.ts";
import { type Job, type Message, type Queue, Tables } from "./queue.ts";

const { PORT, DATABASE_URL = "", OPENAI_BASE_URL, TOOLS_URL } = process.env;
const { QUEUE, KEYS, LEASE, ORDER } = process.env;
const tables = new Tables(DATABASE_URL, { leases: LEASE !== "none", order: ORDER !== "none" });
await tables.open();
const queue: Queue = QUEUE === "memory" ? memoryQueue(tables) : tables;

const tools = ["search", "book"].map((name) => ({
  type: "function",
  function: {
    name,
    parameters: { type: "object", properties: { what: { type: "string" } }, required: ["what"] },
  },
}));

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    answer(response, 500, { error: "something went wrong" });
  });
});
server.listen(Number(PORT), "127.0.0.1");

/** The jobs that run in this process. */
const running = new Set<Promise<void>>();
const atOnce = 10;
const everyMs = 50;
let stopping = false;

const worker = setInterval(() => void takeAll().catch(complain), everyMs);
process.on("SIGTERM", () => {
  stopping = true;
  clearInterval(worker);
  void Promise.all(running).then(() => server.close(() => process.exit(0)));
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, noun, id = "", rest] = (request.url ?? "/").split("/");
  const route = `${request.method} ${noun}`;
  if (route === "GET alive") return answer(response, 200, {});
  if (route === "POST jobs") {
    const { thread, input } = JSON.parse(await text(request)) as Record<string, unknown>;
    if (typeof thread !== "string" || thread === "" || typeof input !== "string") {
      return answer(response, 422, { error: "a job has a thread and an input" });
    }
    const key = KEYS === "none" ? undefined : request.headers["idempotency-key"];
    return answer(response, 202, await queue.add(thread, input, key?.toString()));
  }
  if (route === "GET jobs") return answerOr404(response, await queue.look(id));
  if (route === "GET threads" && rest === "messages") {
    return answerOr404(response, await tables.read(id));
  }
  answer(response, 404, { error: "no such thing" });
}

async function takeAll(): Promise<void> {
  while (!stopping && running.size < atOnce) {
    const job = await queue.take();
    if (job === null) return;
    const run = finish(job)
      .catch(complain)
      .finally(() => running.delete(run));
    running.add(run);
  }
}

/** Continues after the steps that an earlier worker saved, without repeating them. */
async function finish(job: Job): Promise<void> {
  const alive = setInterval(() => void queue.renew(job).catch(complain), 500);
  try {
    const before = (await tables.read(job.thread)) ?? [];
    for (;;) {
      const calls = job.steps.findLast((step) => step.tool_calls !== undefined)?.tool_calls ?? [];
      const open = calls.find(({ id }) => !job.steps.some((step) => step.tool_call_id === id));
      if (open === undefined) job.steps.push(await ask([...before, ...job.steps]));
      else job.steps.push({ role: "tool", tool_call_id: open.id, content: await use(job, open) });
      const last = job.steps.at(-1);
      if (last?.role === "assistant" && (last.tool_calls ?? []).length === 0) break;
      await queue.keep(job);
    }
    await queue.done(job, [...before, ...job.steps]);
  } catch (error) {
    complain(error);
    await queue.fail(job);
  } finally {
    clearInterval(alive);
  }
}

async function ask(messages: readonly Message[]): Promise<Message> {
  const response = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer unused" },
    body: JSON.stringify({ model: "any", messages, tools }),
  });
  if (!response.ok) throw new Error(`the model says ${response.status}`);
  const { choices } = (await response.json()) as { choices: { message: Message }[] };
  const message = choices[0]?.message;
  if (message === undefined) throw new Error("the model says nothing");
  return message;
}

async function use(job: Job, call: NonNullable<Message["tool_calls"]>[number]): Promise<string> {
  const response = await fetch(`${TOOLS_URL}/${call.function.name}`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": `${job.id}/${call.id}` },
    body: call.function.arguments,
  });
  if (!response.ok) throw new Error(`${call.function.name} says ${response.status}`);
  return response.text();
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function answerOr404(response: ServerResponse, found: unknown): void {
  if (found === null) answer(response, 404, { error: "no such thing" });
  else answer(response, 200, found);
}

function complain(error: unknown): void {
  console.error(error);
}
