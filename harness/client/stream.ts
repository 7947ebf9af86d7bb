import { hasValueAt } from "../config/condition.ts";
import type { EventPattern, Reply, StreamReply } from "../config/reply-rules.ts";
import { type JsonPaths, placeInWords, select } from "../config/json-path.ts";
import { lastOfAssistant, textOf } from "./message-text.ts";
import { type StreamEvent, StreamReader } from "./stream-reader.ts";
import { short } from "./describe-response.ts";

/** The rules of a streamed reply; null: the reply is not streamed. */
function streamOf(reply: Reply): StreamReply | null {
  if (typeof reply === "string" || !("kind" in reply)) return null;
  return reply.kind === "events" || reply.kind === "lines" ? reply : null;
}

/** A reader for a streamed reply; null: the reply is not streamed. */
export function readerFor(reply: Reply): StreamReader | null {
  const stream = streamOf(reply);
  if (stream === null) return null;
  const { kind, idleMs, done, failed } = stream;
  const ends = (event: StreamEvent) => matches(event, done);
  const fails = (event: StreamEvent) => matches(event, failed);
  // Without a pattern for errors there is no reason to wait for one.
  const lingerMs = failed.length > 0 ? stream.lingerMs : 0;
  return new StreamReader({ kind, idleMs, lingerMs, ends, fails });
}

/** The error in a stream, whatever other events it has; null: no error. */
export function errorIn(events: readonly StreamEvent[], reply: Reply): string | null {
  const failed = streamOf(reply)?.failed ?? [];
  const event = events.find((it) => matches(it, failed));
  if (event === undefined) return null;
  const name = event.name === null ? "" : `${event.name}: `;
  return `an error in the stream: ${name}${short(event.text)}`;
}

/** The reply in a stream, or why it has none. */
export function streamedReply(
  events: readonly StreamEvent[],
  stream: StreamReply,
): { reply: string } | { why: string } {
  const last = events.at(-1);
  if (last === undefined) return { why: "no event in the stream" };
  const isDone = events.some((event) => matches(event, stream.done));
  const end = stream.end ?? (stream.done.length > 0 ? "broken" : "done");
  if (!isDone && end === "broken") {
    return { why: `the stream ended before an event of "done"; its last was ${short(last.text)}` };
  }
  const texts = textsIn(stream, events);
  const reply = stream.texts === "whole" ? texts.at(-1) : texts.join("");
  if (texts.length > 0 && reply !== undefined) return { reply };
  const where = placeInWords(stream.messages ?? stream.text ?? "data");
  const count = events.length === 1 ? "the only event" : `any of ${events.length} events`;
  return { why: `no reply at ${where} of ${count}; the last was ${short(last.text)}` };
}

function textsIn(stream: StreamReply, events: readonly StreamEvent[]): string[] {
  const { of, text, messages } = stream;
  const mine = events.filter(({ name }) => of === undefined || of.includes(name ?? "message"));
  if (messages !== undefined) return wholeTexts(mine, messages);
  if (text !== undefined) {
    return mine.flatMap(({ json }) => select(json, text).map(textOf)).filter((it) => it !== "");
  }
  // An event that ends the stream is not part of the reply.
  return mine.filter((event) => !matches(event, stream.done)).map((event) => event.text);
}

/** The last message of the assistant: each list contains the messages of the one before. */
function wholeTexts(events: readonly StreamEvent[], messages: JsonPaths): string[] {
  const last = events
    .map(({ json }) => lastOfAssistant(select(json, messages)))
    .findLast((message) => message !== undefined);
  return last === undefined ? [] : [textOf(last)];
}

function matches(event: StreamEvent, patterns: readonly EventPattern[]): boolean {
  return patterns.some(
    ({ event: name, data, path, is }) =>
      (name === undefined || name === (event.name ?? "message")) &&
      (data === undefined || data === event.text.trim()) &&
      (path === undefined || hasValueAt(event.json, path, is)),
  );
}
