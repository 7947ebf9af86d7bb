import { expect, test } from "vitest";
import { SmallService } from "../../test/support/small-service.ts";

type Listed = object;
const texts = (...list: string[]): Listed => ({ kind: "listed", texts: list });
const unknown = (why: string): Listed => ({
  kind: "unknown",
  why: expect.stringContaining(why) as string,
});

/** False assumptions about a thread that does not exist or cannot be read. */
const cases: [belief: string, view: object, status: number, body: string, listed: Listed][] = [
  ["a list of texts is no thread", {}, 200, '{"messages": ["a", "b"]}', texts("a", "b")],
  ["an empty list is no thread", {}, 200, '{"messages": []}', texts()],
  ["an empty object is no thread", {}, 200, '{"messages": {}}', texts()],
  ["a body of {} is no thread", {}, 200, "{}", texts()],
  ["a body of [] is no thread", {}, 200, "[]", texts()],
  [
    "an error within 200 is an empty thread",
    {},
    200,
    '{"error": "no database"}',
    unknown("no list at"),
  ],
  ["null is an empty thread", {}, 200, "null", unknown("no list at $.messages[*]: 200 null")],
  ["a page of HTML is an empty thread", {}, 200, "<html>", unknown("200 and a page of HTML")],
  ["404 is an empty thread", {}, 404, "{}", unknown("404 {}")],
  [
    "a service answers 200 for an unknown thread",
    { absent: [404, 422] },
    422,
    "already running",
    texts(),
  ],
  [
    "500 is always an error",
    { absent: [{ status: 500, contains: "no thread" }] },
    500,
    "no thread t1",
    texts(),
  ],
  [
    "all responses with one status mean the same",
    { absent: [{ status: 500, contains: "no thread" }] },
    500,
    "no database",
    unknown("500 no database"),
  ],
  [
    "200 means that the thread exists",
    { absent: [{ path: "$.missing" }] },
    200,
    '{"missing": true}',
    texts(),
  ],
  [
    "a list begins with the oldest message",
    { newestFirst: true },
    200,
    '{"messages": ["b", "a"]}',
    texts("a", "b"),
  ],
  [
    "a message is a string",
    {},
    200,
    '{"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}',
    texts('{"role":"user","content":[{"type":"text","text":"a"}]}'),
  ],
  [
    "an empty state has all its fields",
    { list: "$.values.messages[*]" },
    200,
    '{"values": {}, "next": []}',
    texts(),
  ],
  [
    "a state always has one shape",
    { list: ["$.values.messages[*]", "$.messages[*]"] },
    200,
    '{"messages": ["a"]}',
    texts("a"),
  ],
];

test.each(cases)("the client does not assume that %s", async (_, view, status, body, listed) => {
  await using service = await SmallService.open(() => [status, body]);
  const read = { post: "/read", json: { id: "${thread}" }, list: "$.messages[*]", ...view };
  expect(await service.user({ read }).read()).toEqual(listed);
});

test("the second view has its own request", async () => {
  await using service = await SmallService.open(({ url }) => JSON.stringify([url]));
  const user = service.user({
    read: { get: "/state", list: "$[*]" },
    secondView: { get: "/checkpoints", list: "$[*]" },
  });
  expect([await user.read(), await user.read("secondView")]).toEqual([
    texts("/state"),
    texts("/checkpoints"),
  ]);
});

test("declared channels of the state are read as text, and empty if they are missing", async () => {
  const bodies = ['{"last": "b", "all": [{"n": 1}, "c"], "messages": []}', "<html>"];
  await using service = await SmallService.open(() => bodies.shift() ?? "");
  const channels = { last: "$.last", each: "$.all[*]", none: "$.none" };
  const user = service.user({ read: { get: "/state", list: "$.messages[*]", channels } });
  expect(await user.channels()).toEqual({ last: '"b"', each: '{"n":1} "c"', none: "" });
  expect(await user.channels()).toEqual({ last: "", each: "", none: "" });
});
