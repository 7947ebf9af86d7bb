/**
 * A chat that keeps its threads in process memory and has one flaw (FLAW) of a kind that services
 * have during development. It does not depend on threadproof.
 *
 * PORT · MODEL_URL · FLAW
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

type Message = Readonly<Record<"role" | "content", string>>;

const { PORT, MODEL_URL, FLAW = "none" } = process.env;
const threads = new Map<string, Message[]>();

if (FLAW === "crashes at boot") throw new Error("SECRET_KEY is not set");
if (FLAW === "prints 256 MB") {
  const line = `${"all work and no play ".repeat(50)}\n`.repeat(1_000);
  for (let bytes = 0; bytes < 2 ** 28; bytes += line.length) {
    if (!process.stdout.write(line)) await once(process.stdout, "drain");
  }
}
if (FLAW === "forks") {
  // Development servers fork. The child is in another session, out of reach of a group kill.
  const env = { ...process.env, FLAW: "none" };
  const [, file = ""] = process.argv;
  spawn(process.execPath, [file], { env, detached: true, stdio: "ignore" }).unref();
  setInterval(() => {}, 1_000);
} else {
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(FLAW === "ignores its port" ? 0 : Number(PORT), "127.0.0.1");
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (FLAW === "answers HTML") {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Welcome to nginx!</title>");
    return;
  }
  if (request.url === "/health") {
    const isReady = FLAW !== "never ready";
    response.writeHead(isReady ? 200 : 503).end(isReady ? "" : "the cache is being warmed");
    return;
  }
  const { thread, input } = JSON.parse(await text(request)) as { thread: string; input: string };
  response.writeHead(200, { "content-type": "application/json" });
  if (FLAW === "an error inside 200") {
    response.end(JSON.stringify({ error: { message: "the model's quota is used up" } }));
    return;
  }
  while (FLAW === "streams without end" && !response.destroyed) {
    if (!response.write(" ".repeat(100_000))) await once(response, "drain");
  }
  response.end(JSON.stringify({ reply: await turn(thread, input) }));
}

async function turn(thread: string, input: string): Promise<string> {
  const messages = [...(threads.get(thread) ?? []), { role: "user", content: input }];
  const response = await fetch(`${MODEL_URL}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "any", messages }),
  });
  const { choices } = (await response.json()) as { choices: { message: Message }[] };
  const content = choices[0]?.message.content ?? "";
  threads.set(thread, [...messages, { role: "assistant", content }]);
  return content;
}
