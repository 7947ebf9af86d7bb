/**
 * A chat service without a framework: node:http and plain SQL. The client makes the id of a
 * conversation and sends it in the path. The service does not depend on threadproof.
 *
 * PORT · MODEL_URL · STORE: "table" (DATABASE_URL) or "memory", which a restart loses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

interface Message {
  readonly role: string;
  readonly content: string;
}

type Answer = (messages: readonly Message[]) => Promise<string>;

interface Store {
  /** Null if there is no such conversation, or if it has another owner. */
  read(id: string, owner: string): Promise<readonly Message[] | null>;
  /** Runs one turn at a time per conversation. Null if it has another owner. */
  turn(id: string, owner: string, said: Message, answer: Answer): Promise<string | null>;
}

const { PORT, MODEL_URL, STORE, DATABASE_URL = "" } = process.env;
const store = STORE === "memory" ? memory() : await table(DATABASE_URL);
const conversation = /^\/conversations\/([0-9a-f-]{36})(\/messages)?$/;

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    reply(response, 500, { error: "something went wrong" });
  });
});
server.listen(Number(PORT), "127.0.0.1");

process.on("SIGTERM", () => {
  // Running turns finish, and then the process ends.
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/health") return reply(response, 200, {});
  const [, id, isTurn] = conversation.exec(request.url ?? "") ?? [];
  const owner = String(request.headers["x-user"] ?? "");
  if (id === undefined || owner === "") return reply(response, 404, { error: "no such thing" });
  if (request.method === "GET" && isTurn === undefined) {
    const messages = await store.read(id, owner);
    if (messages === null) return reply(response, 404, { error: "no such conversation" });
    return reply(response, 200, { messages });
  }
  if (request.method !== "POST" || isTurn === undefined) return reply(response, 404, {});
  const content = textOf(await text(request));
  if (content === null) return reply(response, 400, { error: 'send {"text": "…"}' });
  const answer = await store.turn(id, owner, { role: "user", content }, ask);
  if (answer === null) return reply(response, 404, { error: "no such conversation" });
  reply(response, 200, { answer });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function textOf(body: string): string | null {
  try {
    const { text } = JSON.parse(body) as { text?: unknown };
    return typeof text === "string" && text !== "" ? text : null;
  } catch {
    return null;
  }
}

/** The model sees the whole conversation. */
async function ask(messages: readonly Message[]): Promise<string> {
  const response = await fetch(`${MODEL_URL}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "any", messages }),
  });
  if (!response.ok) throw new Error(`the model says ${response.status}`);
  const { choices } = (await response.json()) as { choices: { message: Message }[] };
  return choices[0]?.message.content ?? "";
}

/** Each process has its own conversations and loses them when it ends. */
function memory(): Store {
  const all = new Map<string, { owner: string; messages: Message[] }>();
  return {
    async read(id, owner) {
      const found = all.get(id);
      return found?.owner === owner ? found.messages : null;
    },
    async turn(id, owner, said, answer) {
      const found = all.get(id) ?? { owner, messages: [] };
      if (found.owner !== owner) return null;
      all.set(id, found);
      const content = await answer([...found.messages, said]);
      found.messages.push(said, { role: "assistant", content });
      return content;
    },
  };
}

/** One row per message. A turn is one transaction, so it is saved completely or not at all. */
async function table(url: string): Promise<Store> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // The pool replaces a lost idle connection at the next turn.
  pool.on("error", (error) => console.error(error.message));
  // Replicas start together, and without the lock "if not exists" is a race.
  await pool.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(20_251_122);
    CREATE TABLE IF NOT EXISTS conversations (id uuid PRIMARY KEY, owner text NOT NULL);
    CREATE TABLE IF NOT EXISTS messages (
      conversation uuid REFERENCES conversations ON DELETE CASCADE,
      place int, role text NOT NULL, content text NOT NULL, PRIMARY KEY (conversation, place));
    COMMIT`);
  const select = "SELECT role, content FROM messages WHERE conversation = $1 ORDER BY place";
  const insert =
    "INSERT INTO messages (conversation, place, role, content) VALUES ($1, $2, $3, $4)";
  return {
    async read(id, owner) {
      const owned = "SELECT FROM conversations WHERE id = $1 AND owner = $2";
      if ((await pool.query(owned, [id, owner])).rowCount === 0) return null;
      return (await pool.query<Message>(select, [id])).rows;
    },
    async turn(id, owner, said, answer) {
      const client = await pool.connect();
      // A connection that is lost during a turn fails the turn, not the process.
      const ignore = (): void => {};
      client.on("error", ignore);
      let failure: Error | undefined;
      try {
        await client.query("BEGIN");
        const begin =
          "INSERT INTO conversations (id, owner) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        await client.query(begin, [id, owner]);
        // The row lock allows one turn at a time, over all replicas.
        const lock = "SELECT owner FROM conversations WHERE id = $1 FOR UPDATE";
        const { rows } = await client.query<{ owner: string }>(lock, [id]);
        if (rows[0]?.owner !== owner) {
          await client.query("ROLLBACK");
          return null;
        }
        const { rows: before } = await client.query<Message>(select, [id]);
        const content = await answer([...before, said]);
        for (const [i, message] of [said, { role: "assistant", content }].entries()) {
          await client.query(insert, [id, before.length + i, message.role, message.content]);
        }
        await client.query("COMMIT");
        return content;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        throw failure;
      } finally {
        client.off("error", ignore);
        // A connection in an unknown state is closed, which rolls its transaction back.
        client.release(failure);
      }
    },
  };
}
