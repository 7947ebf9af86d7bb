/**
 * A chat with a built-in model and no endpoint to read a thread: only its replies can show what it
 * remembers. `MANNER` selects the replies: "always" repeats all earlier messages in each reply,
 * "asked" repeats them on request, "echo" repeats the current message, and without it each reply
 * is the same. All replicas share a file of threads; with `MEMORY=1` each process has its own.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const { PORT, MANNER, FILE = "threads.jsonl", MEMORY } = process.env;
const saved: string[] = [];

/** Saves a message and returns the earlier ones of its thread. */
function keep(thread: string, message: string): string[] {
  const line = JSON.stringify([thread, message]);
  if (MEMORY === "1") {
    saved.push(line);
  } else {
    // Two processes that rewrite the file would lose each other's turns.
    appendFileSync(FILE, `${line}\n`);
  }
  const lines = MEMORY === "1" ? saved : readFileSync(FILE, "utf8").trimEnd().split("\n");
  const messages = lines.map((it) => JSON.parse(it) as [string, string]);
  return messages.flatMap(([of, text]) => (of === thread ? [text] : [])).slice(0, -1);
}

function replyTo(message: string, before: readonly string[]): string {
  const all = before.join(" | ") || "nothing";
  if (MANNER === "always") return `Earlier you said: ${all}`;
  if (MANNER === "asked" && message.startsWith("Repeat")) return `You said: ${all}`;
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
