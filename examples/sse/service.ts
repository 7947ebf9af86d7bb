/**
 * A streaming chat without a framework: node:http, one array of messages per chat, and a hand-made
 * client of Anthropic's Messages API. The server makes the id of a chat and returns it in the
 * header `x-chat-id` of the first answer; the client sends it from then on. The service does not
 * depend on threadproof.
 *
 * PORT · DATABASE_URL · ANTHROPIC_BASE_URL · CHATS: "table", or "map" for one Map per process ·
 * SAVE: "first", or "later" to save after the done event · MODEL_MS: the timeout of a model call ·
 * END: "any" takes whatever a stream has sent when it ends for the reply.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import pg from "pg";

interface Message {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** A chat that one turn holds: no other turn gets it until it is let go. */
interface Taken {
  readonly messages: readonly Message[];
  save(messages: readonly Message[]): Promise<void>;
  letGo(): Promise<void>;
}

interface Chats {
  read(id: string): Promise<readonly Message[] | null>;
  take(id: string, isNew: boolean): Promise<Taken | "absent" | "busy">;
}

const { PORT, DATABASE_URL = "", ANTHROPIC_BASE_URL, CHATS, SAVE, END } = process.env;
const modelMs = Number(process.env["MODEL_MS"] ?? 60_000);
const chats = CHATS === "map" ? map() : await table(DATABASE_URL);

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    // In the middle of a stream it is too late for a status.
    if (response.headersSent) response.end(event("error", { message: "it broke" }));
    else answer(response, 500, { message: "it broke" });
  });
});
server.listen(Number(PORT), "127.0.0.1");
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://chat");
  if (pathname === "/up") return answer(response, 200, { up: true });
  if (pathname === "/history" && request.method === "GET") {
    const messages = await chats.read(searchParams.get("chat") ?? "");
    return messages === null ? absent(response) : answer(response, 200, messages);
  }
  if (pathname !== "/chat" || request.method !== "POST") return absent(response);
  const message = await text(request);
  if (message === "") return answer(response, 400, { message: "say something" });
  const given = request.headers["x-chat-id"];
  const id = given === undefined ? randomUUID() : String(given);
  const taken = await chats.take(id, given === undefined);
  if (taken === "absent") return absent(response);
  if (taken === "busy") return answer(response, 409, { message: "one at a time" });
  try {
    await turn(id, taken, message, response);
  } finally {
    await taken.letGo();
  }
}

async function turn(id: string, chat: Taken, content: string, to: ServerResponse): Promise<void> {
  to.writeHead(200, { "content-type": "text/event-stream", "x-chat-id": id });
  const ping = (): unknown => to.write(`: still here\n\n${event("ping", {})}`);
  ping();
  const pings = setInterval(ping, 1_000);
  try {
    const before: readonly Message[] = [...chat.messages, { role: "user", content }];
    let reply = "";
    for await (const piece of ask(before)) {
      reply += piece;
      to.write(event("delta", { text: piece }));
    }
    const after: readonly Message[] = [...before, { role: "assistant", content: reply }];
    if (SAVE !== "later") await chat.save(after);
    to.end(event("done", { length: after.length }));
    if (SAVE === "later") await chat.save(after);
  } finally {
    clearInterval(pings);
  }
}

/** The pieces of the reply, as they arrive. */
async function* ask(messages: readonly Message[]): AsyncGenerator<string> {
  const response = await fetch(`${ANTHROPIC_BASE_URL}/v1/messages`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      "x-api-key": "unused",
    },
    body: JSON.stringify({ model: "claude-sonnet-4-5", max_tokens: 1_000, stream: true, messages }),
    signal: AbortSignal.timeout(modelMs),
  });
  if (!response.ok || response.body === null) throw new Error(`the model: ${response.status}`);
  const input = Readable.fromWeb(response.body);
  for await (const line of createInterface({ input })) {
    if (!line.startsWith("data: ")) continue;
    const { type, delta } = JSON.parse(line.slice(6)) as {
      type: string;
      delta?: { text?: string };
    };
    if (type === "content_block_delta") yield delta?.text ?? "";
    if (type === "error") throw new Error(line);
    if (type === "message_stop") return;
  }
  if (END !== "any") throw new Error("the model's stream has ended before its message");
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function absent(response: ServerResponse): void {
  answer(response, 404, { message: "no such thing" });
}

/** Keeps chats in process memory. */
function map(): Chats {
  const all = new Map<string, readonly Message[]>();
  return {
    read: async (id) => all.get(id) ?? null,
    take: async (id) => ({
      messages: all.get(id) ?? [],
      save: async (messages) => void all.set(id, messages),
      letGo: async () => {},
    }),
  };
}

/** One row per chat. A turn locks it, and the lock ends with its connection. */
async function table(connectionString: string): Promise<Chats> {
  const pool = new pg.Pool({ connectionString, max: 20 });
  pool.on("error", (error) => console.error(error.message));
  pool.on("connect", (client) => client.on("error", (error) => console.error(error.message)));
  // Replicas start together, and without the lock "if not exists" is a race.
  await pool.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(4711);
    CREATE TABLE IF NOT EXISTS chat (id text PRIMARY KEY, messages jsonb NOT NULL);
    COMMIT`);
  const select = "SELECT messages FROM chat WHERE id = $1";
  return {
    async read(id) {
      return (await pool.query<{ messages: Message[] }>(select, [id])).rows[0]?.messages ?? null;
    },
    async take(id, isNew) {
      const client = await pool.connect();
      const letGo = async (): Promise<void> => {
        // Rolls back what is not committed by now.
        const over = await client.query("ROLLBACK").then(
          () => false,
          () => true,
        );
        client.release(over);
      };
      try {
        await client.query("BEGIN");
        if (isNew) await client.query("INSERT INTO chat VALUES ($1, '[]')", [id]);
        const lock = `${select} FOR UPDATE SKIP LOCKED`;
        const { rows } = await client.query<{ messages: Message[] }>(lock, [id]);
        if (rows[0] === undefined) {
          const { rowCount } = await client.query(select, [id]);
          await letGo();
          return rowCount === 0 ? "absent" : "busy";
        }
        const save = async (messages: readonly Message[]): Promise<void> => {
          const update = "UPDATE chat SET messages = $2 WHERE id = $1";
          await client.query(update, [id, JSON.stringify(messages)]);
          await client.query("COMMIT");
        };
        return { messages: rows[0].messages, save, letGo };
      } catch (error) {
        await letGo();
        throw error;
      }
    },
  };
}
