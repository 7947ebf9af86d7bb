import { expect, test } from "vitest";
import { type Answering, type Seen, SmallService } from "../../test/support/small-service.ts";

const noted: Answering = () => '{"reply": "Noted."}';
const ok = { kind: "ok", reply: "Noted." };

test("the client fills the path, query, headers and body of a request", async () => {
  await using service = await SmallService.open(noted, "/api/v2/");
  const user = service.user({
    headers: { "x-user": "${user}", "x-run": "${run}" },
    thread: { make: "t-1" },
    say: {
      put: "/chats/${thread}/turns?text=${message}&id=${turn}",
      headers: { Cookie: "chat=${thread}" },
      form: { text: "${message}" },
      reply: "$.reply",
    },
  });
  expect(await user.say("a & b", "r/1")).toEqual(ok);
  expect(service.seen).toMatchObject([
    {
      method: "PUT",
      url: "/api/v2/chats/t-1/turns?text=a%20%26%20b&id=r%2F1",
      headers: {
        "x-user": "ann",
        "x-run": "r1",
        cookie: "chat=t-1",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "text=a+%26+b",
    },
  ]);
});

test.each([
  [{ get: "/say?text=${message}", reply: "$.reply" }, "GET", ""],
  [{ post: "/say", text: "${message}", reply: "$.reply" }, "POST", "hello"],
])("the client does not assume that a turn is a POST with JSON: %j", async (say, method, body) => {
  await using service = await SmallService.open(noted);
  expect(await service.user({ say }).say()).toEqual(ok);
  expect(service.seen).toMatchObject([{ method, body }]);
});

test.each([
  ["${uuid}", /^[0-9a-f]{8}-[0-9a-f-]{27}$/],
  ["t-${hex}", /^t-[0-9a-f]{16}$/],
  ["${digits}", /^\d{16}$/],
  ["${user}-${run}", /^ann-r1$/],
])("a thread id that the harness makes follows its template: %s", async (make, form) => {
  await using service = await SmallService.open(noted);
  const one = service.user({ thread: { make } }).session.thread;
  expect(one).toEqual(expect.stringMatching(form));
  if (!make.includes("user"))
    expect(service.user({ thread: { make } }).session.thread).not.toBe(one);
});

test("a thread id that the harness makes may be a number", async () => {
  await using service = await SmallService.open(noted);
  const say = { post: "/say", json: { id: "${thread}" }, reply: "$.reply" };
  await service.user({ thread: { make: "${number}" }, say }).say();
  expect(JSON.parse(service.seen[0]?.body ?? "")).toEqual({ id: expect.any(Number) });
});

test("the session logs in and creates the thread once, before the first turn", async () => {
  await using service = await SmallService.open(({ url }) => {
    if (url === "/login") return [200, '{"token": "s3"}', { "set-cookie": "sid=9; Path=/" }];
    return url === "/threads" ? '{"thread": {"id": 7}, "key": "k1"}' : '{"reply": "Noted."}';
  });
  const user = service.user({
    headers: { authorization: "Bearer ${token}" },
    login: [
      {
        post: "/login",
        json: { user: "${user}" },
        capture: { token: "$.token", sid: { cookie: "sid" } },
      },
    ],
    thread: { post: "/threads", id: "$.thread.id", capture: { key: "$.key" } },
    say: {
      post: "/say",
      headers: { cookie: "sid=${sid}", "x-key": "${key}" },
      json: { thread: "${thread}" },
      reply: "$.reply",
    },
  });
  expect(user.session.thread).toBeUndefined();
  expect([await user.say(), await user.say()]).toEqual([ok, ok]);
  expect(service.seen.map(({ url }) => url)).toEqual(["/login", "/threads", "/say", "/say"]);
  // Before the login there is no token, so the header is omitted.
  expect(service.seen.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    "Bearer s3",
    "Bearer s3",
    "Bearer s3",
  ]);
  expect(service.seen[3]).toMatchObject({
    headers: { cookie: "sid=9", "x-key": "k1" },
    body: '{"thread":7}',
  });
  expect(user.session.thread).toBe(7);
});

test("the session logs in again after a 401", async () => {
  let known = false;
  await using service = await SmallService.open(({ url }) => {
    known ||= url === "/login";
    return known ? '{"reply": "Noted."}' : [401, "who are you?"];
  });
  const user = service.user({ login: [{ post: "/login" }] });
  await user.say();
  known = false;
  expect(await user.say()).toEqual({ kind: "refused", why: "401 who are you?" });
  expect(await user.say()).toEqual(ok);
});

test.each([
  ["/login", "unknown", "no token at $.token: 200 {}"],
  ["/threads", "refused", "no thread: 403 not you"],
])("the outcome names a request that fails before the first turn: %s", async (_, kind, why) => {
  await using service = await SmallService.open(({ url }) =>
    url === "/login" ? "{}" : [403, "not you"],
  );
  const login = { post: "/login", capture: { token: "$.token" } };
  const user = service.user({
    login: why.includes("token") ? [login] : [],
    thread: { post: "/threads", id: "$.id" },
  });
  expect(await user.say()).toEqual({ kind, why });
  expect(service.seen.map(({ url }) => url)).not.toContain("/say");
});

/** A service that creates the thread with the first turn. */
const makes: Answering = ({ body }) => [
  200,
  JSON.stringify({ reply: "Noted.", chat: { id: "t1" }, had: JSON.parse(body) as unknown }),
  { "x-chat-id": "t1", "set-cookie": ["lang=en", "chat=t1; HttpOnly"] },
];

test.each([["$.chat.id"], [{ header: "X-Chat-Id" }], [{ cookie: "chat" }]])(
  "the first reply brings the thread's id: %j",
  async (from) => {
    await using service = await SmallService.open(makes);
    const user = service.user({
      thread: { from },
      say: {
        post: "/say?chat=${thread}&v=1",
        headers: { "x-chat-id": "${thread}", cookie: "chat=${thread}" },
        json: { message: "${message}", chat: "${thread}" },
        reply: "$.reply",
      },
    });
    expect(await user.say()).toEqual(ok);
    expect(user.session.thread).toBe("t1");
    await user.say("more");
    const [first, second] = service.seen as [Seen, Seen];
    expect([first.url, first.body]).toEqual(["/say?v=1", '{"message":"hello"}']);
    expect(first.headers).not.toHaveProperty("x-chat-id");
    expect(first.headers).not.toHaveProperty("cookie");
    expect([second.url, second.body]).toEqual([
      "/say?chat=t1&v=1",
      '{"message":"more","chat":"t1"}',
    ]);
    expect(second.headers).toMatchObject({ "x-chat-id": "t1", cookie: "chat=t1" });
  },
);

test("an event brings the thread's id, even if the stream is cut later", async () => {
  await using service = await SmallService.open((_, response) => {
    response.writeHead(200).write('data: {"chat": "t1"}\n\ndata: {"text": "No"}\n\n');
    setTimeout(() => response.destroy(), 50);
  });
  const reply = { kind: "events", text: "$.text" } as const;
  const user = service.user({ thread: { from: "$.chat" }, say: { post: "/say", reply } });
  expect(await user.say()).toMatchObject({ kind: "unknown" });
  expect(user.session.thread).toBe("t1");
});

test("the first turn may use another request than later turns", async () => {
  await using service = await SmallService.open(({ url }) =>
    url === "/chats" ? [201, '{"id": "t1", "reply": "Noted."}'] : '{"reply": "Noted."}',
  );
  const first = { post: "/chats", text: "${message}" };
  const say = { post: "/chats/${thread}", text: "${message}", reply: "$.reply", first };
  const user = service.user({ thread: { from: "$.id" }, say });
  await user.say();
  await user.say();
  expect(service.seen.map(({ url }) => url)).toEqual(["/chats", "/chats/t1"]);
});

test("a user with a stray thread id sends exactly that id, or omits the field", async () => {
  await using service = await SmallService.open(noted);
  const say = { post: "/say", json: { id: "${thread}" }, reply: "$.reply" };
  for (const threadId of ["", null, "undefined", undefined]) {
    const user = service.user({ say }, { threadId });
    expect(user.session.strays).toBe(true);
    await user.say();
  }
  const bodies = ['{"id":""}', '{"id":null}', '{"id":"undefined"}', "{}"];
  expect(service.seen.map(({ body }) => body)).toEqual(bodies);
  // If the first reply brings the id, a valid thread begins without one.
  expect(service.user({ thread: { from: "$.id" } }, { threadId: null }).session.strays).toBe(false);
  expect(service.user({ thread: { from: "$.id" } }, { threadId: "x" }).session.strays).toBe(true);
});

test.each([[{ header: "x-pod" }], ["$.pod"]])(
  "the service names the replica that answered: %j",
  async (served) => {
    await using service = await SmallService.open(() => [
      200,
      '{"reply": "Noted.", "pod": "chat-b"}',
      { "x-pod": "chat-b" },
    ]);
    expect(await service.user({ served }).answer()).toMatchObject({
      served: "chat-b",
      status: 200,
    });
  },
);

test("the session answers an interrupt with the request that the target declares", async () => {
  await using service = await SmallService.open(({ url }) =>
    url === "/resume" ? '{"answer": "Booked."}' : '{"__interrupt__": ["book it?"]}',
  );
  const user = service.user({
    thread: { make: "t1" },
    say: {
      post: "/say",
      reply: "$.reply",
      means: [{ path: "$.__interrupt__", means: "interrupted" }],
    },
    resume: { post: "/resume", json: { thread: "${thread}", yes: true }, reply: "$.answer" },
  });
  expect(await user.say()).toMatchObject({ kind: "interrupted" });
  expect(await user.resume()).toEqual({ kind: "ok", reply: "Booked." });
  expect(service.seen[1]?.body).toBe('{"thread":"t1","yes":true}');
});
