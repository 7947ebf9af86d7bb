/**
 * A chat whose model is nobody's but its own, and that lets nobody read its threads: what it
 * remembers shows in what it says, if at all. `MANNER` says how: "always" tells all that it was
 * told with each reply, "asked" when it is asked to, "echo" says again what was just typed, and
 * without one each reply is the same. Threads are kept in a file that all replicas share;
 * `MEMORY=1`: in the process.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

type Threads = Record<string, string[]>;

const { PORT, MANNER, FILE = "threads.json", MEMORY } = process.env;
let threads: Threads = {};

function load(): Threads {
  if (MEMORY !== "1") {
    try {
      threads = JSON.parse(readFileSync(FILE, "utf8")) as Threads;
    } catch {
      threads = {}; // Nobody has said anything yet.
    }
  }
  return threads;
}

function replyTo(message: string, before: readonly string[]): string {
  const all = before.join(" | ") || "nothing";
  if (MANNER === "always") return `Before this you told me: ${all}`;
  if (MANNER === "asked" && message.startsWith("Repeat")) return `You told me: ${all}`;
  return MANNER === "echo" ? `You typed: ${message}` : "Thank you, we will call you back.";
}

const server = createServer((request, response) => {
  if (request.url === "/ready") {
    response.end();
    return;
  }
  void text(request).then((body) => {
    const { thread, message } = JSON.parse(body) as { thread: string; message: string };
    // Without a pause between the two nobody else's turn comes between them.
    const all = load();
    const before = all[thread] ?? [];
    const reply = replyTo(message, before);
    all[thread] = [...before, message];
    if (MEMORY !== "1") writeFileSync(FILE, JSON.stringify(all));
    response.end(JSON.stringify({ reply }));
  });
});
server.listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => server.close(() => process.exit()));
