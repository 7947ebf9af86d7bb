/**
 * A chat whose model is nobody's but its own, and that lets nobody read its threads: what it
 * remembers shows in what it says, if at all. `MANNER` says how: "always" tells all that it was
 * told with each reply, "asked" when it is asked to, "echo" says again what was just typed, and
 * without one each reply is the same. Threads are kept in a file that all replicas share;
 * `MEMORY=1`: in the process.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const { PORT, MANNER, FILE = "threads.jsonl", MEMORY } = process.env;
const heard: string[] = [];

/** What was said on a thread before; it is kept with this message. */
function keep(thread: string, message: string): string[] {
  const line = JSON.stringify([thread, message]);
  if (MEMORY === "1") {
    heard.push(line);
  } else {
    // Never rewritten: two processes that read, change and write a file lose each other's turns.
    appendFileSync(FILE, `${line}\n`);
  }
  const lines = MEMORY === "1" ? heard : readFileSync(FILE, "utf8").trimEnd().split("\n");
  const told = lines.map((it) => JSON.parse(it) as [string, string]);
  return told.flatMap(([of, text]) => (of === thread ? [text] : [])).slice(0, -1);
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
    const reply = replyTo(message, keep(thread, message));
    response.end(JSON.stringify({ reply }));
  });
});
server.listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => server.close(() => process.exit()));
