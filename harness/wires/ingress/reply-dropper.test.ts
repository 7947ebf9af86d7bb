import type { RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { headers } from "../headers.ts";
import { openServer } from "../../../test/support/loopback-server.ts";
import { ReplyDropper } from "./reply-dropper.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** A reply dropper in front of an ingress with these answers. */
async function front(answer: RequestListener): Promise<ReplyDropper> {
  const server = await openServer(answer);
  const it = await ReplyDropper.open(() => new URL("/api", server.url));
  opened.push(server, it);
  return it;
}

const token = "tpq-abcd0001";
const say = (url: URL, body: string): Promise<Response> => fetch(url, { method: "POST", body });
const echo: RequestListener = (request, response) => {
  void text(request).then((body) => {
    const seen = { method: request.method, url: request.url, pin: request.headers[headers.on] };
    response.writeHead(201, { [headers.served]: "b", "set-cookie": ["a=1", "b=2"] });
    response.end(JSON.stringify({ ...seen, body }));
  });
};

test("everything passes unchanged, with the ingress's headers", async () => {
  const it = await front(echo);
  it.lose("tpq-somebody");
  const url = new URL("/api/chat?x=1", it.url);
  const response = await fetch(url, { method: "PUT", body: token, headers: { [headers.on]: "b" } });
  const seen = [response.status, response.headers.get(headers.served), await response.json()];
  expect(seen).toEqual([201, "b", { method: "PUT", url: "/api/chat?x=1", pin: "b", body: token }]);
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(it.url.pathname).toBe("/api");
});

test("drops the first successful reply to a turn with a reset, and passes the next", async () => {
  let given = 0;
  const it = await front((request, response) => {
    response.once("finish", () => (given += 1));
    echo(request, response);
  });
  const loss = it.lose(token);
  expect(loss.lost()).toBe(null);
  const lost = say(it.url, `hello [${token}]`);
  await expect(lost).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  expect(given).toBe(1);
  expect(loss.lost()).toMatch(/^\d+ bytes with status 201, answered by b, were lost$/);
  expect((await say(it.url, `hello [${token}]`)).status).toBe(201);
});

test("does not drop a refusal, which is not an acknowledgement", async () => {
  const it = await front((_, response) => void response.writeHead(409).end("busy"));
  const loss = it.lose(token);
  expect(await (await say(it.url, token)).text()).toBe("busy");
  expect(loss.lost()).toBe(null);
});

test("drops nothing after dispose", async () => {
  const it = await front(echo);
  it.lose(token)[Symbol.dispose]();
  expect((await say(it.url, token)).status).toBe(201);
});

test("passes on a client that hangs up and a reply that breaks off", async () => {
  const [came, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const it = await front((request, response) => {
    if (request.url === "/api/broken") return void response.write("half", () => request.destroy());
    response.once("close", left.resolve);
    came.resolve();
  });
  const asking = new AbortController();
  const asked = fetch(it.url, { signal: asking.signal });
  await came.promise;
  asking.abort();
  await expect(asked).rejects.toThrow("aborted");
  await left.promise;
  const broken = await fetch(new URL("/api/broken", it.url));
  await expect(broken.text()).rejects.toThrow("terminated");
});
