import type { RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { Ingress } from "../wires/ingress/ingress.ts";
import { openServer } from "../../test/support/loopback-server.ts";
import { type Ask, HttpClient, type HttpResponse } from "./http-client.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** A client of a service with one replica, "a". */
async function clientOf(service: RequestListener): Promise<HttpClient> {
  const server = await openServer(service);
  const replica = { name: "a", url: server.url, ready: true };
  const ingress = await Ingress.open(() => [replica]);
  const client = new HttpClient(() => ingress.url);
  opened.push(server, ingress, client);
  return client;
}

function ask(given: Partial<Ask> = {}): Ask {
  return {
    request: { post: "/say", headers: {}, json: {} },
    names: {},
    on: null,
    timeoutMs: 5_000,
    hangUp: null,
    ...given,
  };
}

/** The body of a complete response, as JSON. */
function jsonOf(response: HttpResponse): unknown {
  return response.delivery === "complete" ? JSON.parse(response.body) : response;
}

const mirror: RequestListener = (request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body }));
  });
};

test("the client fills and sends a request; the response names the replica", async () => {
  const client = await clientOf(mirror);
  const request = {
    put: "/threads/${thread}",
    headers: { "x-user-id": "${user}" },
    json: { text: "${message}", thread: "${thread}" },
  };
  const names = { thread: 7, user: "u1", message: "hello" };
  const response = await client.send(ask({ request, names }));
  expect(response).toMatchObject({ delivery: "complete", status: 200, served: "a" });
  expect(jsonOf(response)).toMatchObject({
    method: "PUT",
    url: "/threads/7",
    headers: { "x-user-id": "u1", "content-type": "application/json" },
    body: '{"text":"hello","thread":7}',
  });
});

test("the client escapes a thread id in the path", async () => {
  const client = await clientOf(mirror);
  const request = { get: "/threads/${thread}/state", headers: {} };
  const response = await client.send(ask({ request, names: { thread: "a/../b?c" } }));
  expect(jsonOf(response)).toMatchObject({
    url: "/threads/a%2F..%2Fb%3Fc/state",
  });
});

test("an error status and a body that is not JSON make a complete response", async () => {
  const client = await clientOf((_, response) => response.writeHead(409).end("busy"));
  const whole = { delivery: "complete", status: 409, body: "busy", events: [], served: "a" };
  expect(await client.send(ask())).toMatchObject(whole);
});

test("a request that reached no replica is unsent", async () => {
  const client = await clientOf(mirror);
  const response = await client.send(ask({ on: "z" }));
  expect(response).toMatchObject({
    delivery: "unsent",
    why: '{"error":"replica z is not reachable"}',
  });
});

test("if a replica ends before it replies, the response is broken", async () => {
  const client = await clientOf((request) => request.socket.destroy());
  expect(await client.send(ask())).toMatchObject({ delivery: "broken", served: "a" });
});

test("a response that is cut off is broken, although its status was 200", async () => {
  const client = await clientOf((_, response) => {
    response.writeHead(200).write('{"reply": "half');
    setImmediate(() => response.destroy());
  });
  expect(await client.send(ask())).toMatchObject({ delivery: "broken", served: "a" });
});

test("a response that does not arrive in time is broken", async () => {
  const client = await clientOf(() => {});
  expect(await client.send(ask({ timeoutMs: 30 }))).toMatchObject({
    delivery: "broken",
    why: "no response within 30 ms",
    status: null,
  });
});

test.each([
  { get: "/threads/${thred}", headers: {} },
  { post: "/say", headers: { "x-user": "${thred}" } },
  { post: "/say", headers: {}, json: { id: "${thred}" } },
])("an unknown template variable throws: %j", async (request) => {
  const client = await clientOf(mirror);
  await expect(client.send(ask({ request, names: { thread: 1 } }))).rejects.toThrow(
    "; allowed: ${thread}",
  );
});
