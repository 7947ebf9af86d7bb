/** Assumptions of a naive client. Each one is false for at least one real service. */
import { describe, expect, test } from "vitest";
import { type Answering, SmallService } from "../../test/support/small-service.ts";

type Talking = Parameters<SmallService["user"]>[0];
type Case = [belief: string, talking: Talking, answering: Answering, meaning: object];

const ok = (reply: string) => ({ kind: "ok", reply });
const unknown = (why: string) => ({ kind: "unknown", why: expect.stringContaining(why) as string });
const refused = (why: string) => ({ kind: "refused", why: expect.stringContaining(why) as string });
const json =
  (value: unknown): Answering =>
  () =>
    JSON.stringify(value);
/** The usual `say` with some fields replaced. */
const say = (fields: object): Talking => ({
  say: { post: "/say", json: { message: "${message}" }, reply: "$.reply", ...fields },
});
const events = (fields: object = {}) =>
  say({
    reply: {
      kind: "events",
      text: "$.text",
      done: [{ event: "done" }],
      failed: [{ event: "error" }],
      ...fields,
    },
  });
const lines = (fields: object = {}) =>
  say({
    reply: { kind: "lines", text: "$.text", done: [{ path: "$.type", is: "end" }], ...fields },
  });
const noted = 'event: delta\ndata: {"text": "No"}\n\nevent: delta\ndata: {"text": "ted."}\n\n';
const done = "event: done\ndata: {}\n\n";
const error = 'event: error\ndata: {"why": "the model is away"}\n\n';

const cases: Case[] = [
  ["200 means success", {}, json({ error: "no database" }), unknown("no reply at $.reply: 200")],
  [
    "200 with a reply and an error means success",
    say({ means: [{ path: "$.__error__", means: "failed" }] }),
    json({ reply: "Sorry.", __error__: "no database" }),
    unknown("an error inside 200"),
  ],
  [
    "an error field that is null is an error",
    say({ means: [{ path: "$.error", means: "failed" }] }),
    json({ reply: "Noted.", error: null }),
    ok("Noted."),
  ],
  [
    "200 means that the service accepted the turn",
    say({ means: [{ path: "$.code", is: "busy", means: "refused" }] }),
    json({ code: "busy" }),
    refused('200 {"code":"busy"}'),
  ],
  ["an empty body is a reply", {}, () => "", unknown("200 and an empty body")],
  [
    "an empty text is a reply",
    say({ reply: { kind: "text" } }),
    () => " \n",
    unknown("an empty body"),
  ],
  [
    "an empty body is always a failure",
    say({ means: [{ empty: true, means: "ok" }] }),
    () => "",
    ok(""),
  ],
  ["null is a reply", {}, () => "null", unknown("200 null")],
  [
    "a body of null cannot be declared a refusal",
    say({ means: [{ path: "$", is: null, means: "refused" }] }),
    () => "null",
    refused("200 null"),
  ],
  ["a JSON body is an object", say({ reply: "$" }), () => '"Noted."', ok("Noted.")],
  ["a reply of null is a reply", {}, json({ reply: null }), unknown("no reply")],
  [
    "a body of {} cannot be declared a refusal",
    say({ means: [{ path: "$", is: {}, means: "refused" }] }),
    json({}),
    refused("200 {}"),
  ],
  [
    "a turn with an answer is over",
    say({ means: [{ path: "$.__interrupt__", means: "interrupted" }] }),
    json({ __interrupt__: [{ value: "book it?" }], reply: "" }),
    { kind: "interrupted", approval: expect.stringContaining("book it?") },
  ],
  [
    "the content type is correct",
    {},
    () => [200, '{"reply": "Noted."}', { "content-type": "text/plain" }],
    ok("Noted."),
  ],
  ["the body begins with JSON", {}, () => '\n\n\n{"reply": "Noted."}\n', ok("Noted.")],
  ["the body is JSON", {}, () => "<!doctype html><p>Hi", unknown("200 and a page of HTML")],
  [
    "any text is a reply",
    say({ reply: { kind: "text" } }),
    () => "<html>",
    unknown("a page of HTML"),
  ],
  ["only 200 is a success, not 201", {}, () => [201, '{"reply": "Noted."}'], ok("Noted.")],
  ["only 200 is a success, not 202", {}, () => [202, '{"reply": "Noted."}'], ok("Noted.")],
  [
    "redirects are followed silently",
    {},
    () => [307, "", { location: "/say/" }],
    unknown("307 to /say/, and redirects are not followed: configure that path"),
  ],
  ["409 is a failure", {}, () => [409, "busy"], refused("409 busy")],
  ["422 is a refusal", {}, () => [422, "already running"], unknown("422 already running")],
  [
    "422 cannot be declared a refusal",
    { refusals: [422] },
    () => [422, "already running"],
    refused("422"),
  ],
  ["503 means that nothing happened", {}, () => [503, "later"], unknown("503 later")],
  [
    "all responses with one status mean the same",
    say({ means: [{ status: 500, contains: "try later", means: "refused" }] }),
    () => [500, "busy, try later"],
    refused("500 busy"),
  ],
  [
    "a declared refusal status is a refusal with any body",
    say({ means: [{ status: 409, contains: "half done", means: "failed" }] }),
    () => [409, "half done"],
    unknown("409 half done"),
  ],
  [
    "content is a string",
    {},
    json({
      reply: [{ type: "text", text: "No" }, { type: "image_url" }, { type: "text", text: "ted." }],
    }),
    ok("Noted."),
  ],
  [
    "an endpoint always uses one shape",
    say({ reply: ["$.reply", "$.answer.text"] }),
    json({ reply: null, answer: { text: "Noted." } }),
    ok("Noted."),
  ],
  [
    "the last message is the assistant's",
    say({ reply: { kind: "messages", path: "$.messages" } }),
    json({ messages: [{ type: "human", content: "hello" }] }),
    unknown("no reply of the assistant at $.messages"),
  ],
  ...[
    { type: "ai", content: "Noted." },
    { role: "assistant", content: [{ type: "text", text: "Noted." }] },
    {
      lc: 1,
      type: "constructor",
      id: ["langchain_core", "messages", "AIMessage"],
      kwargs: { content: "Noted." },
    },
    { type: "ai", data: { content: "Noted." } },
  ].map((message): Case => [
    `messages have one encoding: ${Object.keys(message).join(", ")}`,
    say({ reply: { kind: "messages", path: "$.values.messages[*]" } }),
    json({ values: { messages: [{ role: "user", content: "hello" }, message, { type: "tool" }] } }),
    ok("Noted."),
  ]),
  [
    "an event has only one data line",
    events(),
    () => `event: delta\ndata: {"text":\ndata: "Noted."}\n\n${done}`,
    ok("Noted."),
  ],
  [
    "a stream contains only events",
    events(),
    () => `: ping\n\nid: 7\nretry: 10\n${noted}:\n\n${done}`,
    ok("Noted."),
  ],
  [
    "lines end with a line feed",
    events(),
    () => (noted + done).replaceAll("\n", "\r\n"),
    ok("Noted."),
  ],
  ["a stream ends with a blank line", events(), () => (noted + done).trimEnd(), ok("Noted.")],
  [
    "every event carries text",
    events({ of: ["delta"] }),
    () => `event: usage\ndata: {"text": "12 tokens"}\n\n${noted}${done}`,
    ok("Noted."),
  ],
  [
    "events contain pieces of the reply",
    events({ texts: "whole" }),
    () => `data: {"text": "No"}\n\ndata: {"text": "Noted."}\n\n${done}`,
    ok("Noted."),
  ],
  [
    "events contain texts, not messages",
    events({ text: undefined, messages: "$.messages" }),
    () =>
      `data: {"messages": [{"type": "human", "content": "hello"}]}\n\ndata: {"messages": [{"type": "ai", "content": "Noted."}]}\n\n${done}`,
    ok("Noted."),
  ],
  [
    "events contain JSON",
    say({ reply: { kind: "events", done: [{ data: "[DONE]" }] } }),
    () => "data: No\n\ndata: ted.\n\ndata: [DONE]\n\n",
    ok("Noted."),
  ],
  [
    "a stream reports an error by its status",
    events(),
    () => noted + error,
    unknown("an error in the stream: error: "),
  ],
  [
    "a stream with a done event has no error",
    events(),
    () => noted + error + done,
    unknown("the model is away"),
  ],
  [
    "no error follows a done event",
    events(),
    () => noted + done + error,
    unknown("the model is away"),
  ],
  [
    "a stream has at least one event",
    events(),
    () => ": ping\n\n",
    unknown("no event in the stream: 200"),
  ],
  [
    "the body of a stream contains events, not HTML",
    events(),
    () => "<html><p>Hi",
    unknown("no event in the stream: 200 and a page"),
  ],
  [
    "a stream that ends without a done event is complete",
    events(),
    () => noted,
    unknown('ended before an event of "done"'),
  ],
  [
    "a stream that ends without a done event is broken",
    events({ end: "done" }),
    () => noted,
    ok("Noted."),
  ],
  ["a complete stream contains a reply", events(), () => done, unknown("no reply at $.text")],
  [
    "a stream contains no interrupt",
    say({ reply: { kind: "events" }, means: [{ path: "$.__interrupt__", means: "interrupted" }] }),
    () => `data: {"__interrupt__": [{"value": "book it?"}]}\n\n${done}`,
    { kind: "interrupted", approval: expect.stringContaining("book it?") },
  ],
  [
    "the last line ends with a line feed",
    lines(),
    () => '{"text": "No"}\n\n{"text": "ted."}\r\n{"type": "end"}',
    ok("Noted."),
  ],
  [
    "lines that end without a done line are complete",
    lines(),
    () => '{"text": "No"}\n',
    unknown('ended before an event of "done"'),
  ],
  ["a line contains JSON", lines({ text: undefined, done: [] }), () => "No\nted.\n", ok("Noted.")],
];

describe("the client does not assume that", () => {
  test.each(cases)("%s", async (_, talking, answering, meaning) => {
    await using service = await SmallService.open(answering);
    expect(await service.user(talking).say()).toEqual(meaning);
  });
});
