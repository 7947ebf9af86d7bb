/**
 * A model and two tools for docker-compose.yml, so that the stack answers without an API key. Its
 * reply repeats the user's earlier messages in the prompt, so a reader sees what the service
 * forgot. (The harness uses `model-wire.ts`, whose replies never repeat the user: that would keep a
 * lost message alive in later prompts.)
 *
 * It serves OpenAI's `POST /v1/chat/completions`, streamed if requested, and `POST /search` and
 * `/book`, which do nothing. It imports no package, so Node runs this file as it is.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

const server = createServer((request, response) => {
  // The caller left, or sent something else than JSON.
  serve(request, response).catch(() => response.destroy());
});
server.listen(4_000);
// Without this, the first process of a container ignores the signal.
process.once("SIGTERM", () => process.exit());

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://stand-in");
  if (pathname === "/healthz") return reply(response, { status: "alive" });
  const body: unknown = JSON.parse(await text(request));
  if (pathname !== "/v1/chat/completions") {
    return reply(response, { result: `${pathname.slice(1)}: done` });
  }
  const content = recital(field(body, "messages"));
  if (field(body, "stream") === true) return stream(response, content);
  const message = { role: "assistant", content };
  reply(response, completion("chat.completion", { message, finish_reason: "stop" }));
}

function reply(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Word by word, so that people see the stream. */
function stream(response: ServerResponse, content: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const words = content.split(/(?<= )/);
  const deltas = words.map((word) => ({ delta: { role: "assistant", content: word } }));
  for (const choice of [...deltas, { delta: {}, finish_reason: "stop" }]) {
    response.write(`data: ${JSON.stringify(completion("chat.completion.chunk", choice))}\n\n`);
  }
  response.end("data: [DONE]\n\n");
}

function completion(object: string, choice: object): object {
  return {
    id: "stand-in",
    object,
    created: 0,
    model: "stand-in",
    choices: [{ index: 0, ...choice }],
  };
}

/** A reply that lists the user's messages before the last one. */
function recital(messages: unknown): string {
  const said = Array.isArray(messages) ? messages.filter((it) => field(it, "role") === "user") : [];
  const earlier = said.slice(0, -1).map((message) => field(message, "content"));
  return `Noted. Earlier you said: ${earlier.map(String).join(" | ") || "nothing"}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
