import type { RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { random } from "../history/random.ts";
import { Ingress } from "../wires/ingress/ingress.ts";
import { openServer } from "../../test/support/loopback-server.ts";
import { type Ask, type Exchange, Wire } from "./http-client.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** A wire to a service of one replica, "a". */
async function wireTo(service: RequestListener): Promise<Wire> {
  const server = await openServer(service);
  const replica = { name: "a", url: server.url, ready: true };
  const ingress = await Ingress.open(() => [replica], random(1));
  const wire = new Wire(() => ingress.url);
  opened.push(server, ingress, wire);
  return wire;
}

function ask(given: Partial<Ask> = {}): Ask {
  return {
    request: { post: "/say", headers: {}, json: {} },
    names: {},
    on: null,
    client: "ann",
    timeoutMs: 5_000,
    hangUp: null,
    ...given,
  };
}

/** What was answered, as JSON. */
function jsonOf(exchange: Exchange): unknown {
  return exchange.kind === "answered" ? JSON.parse(exchange.heard.body) : exchange;
}

const mirror: RequestListener = (request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body }));
  });
};

test("a request is filled and sent, and its reply comes back with who served it", async () => {
  const wire = await wireTo(mirror);
  const request = {
    put: "/threads/${thread}",
    headers: { "x-user-id": "${user}" },
    json: { text: "${message}", thread: "${thread}" },
  };
  const names = { thread: 7, user: "u1", message: "hello" };
  const exchange = await wire.send(ask({ request, names }));
  expect(exchange).toMatchObject({ kind: "answered", heard: { status: 200, served: "a" } });
  expect(jsonOf(exchange)).toMatchObject({
    method: "PUT",
    url: "/threads/7",
    headers: { "x-user-id": "u1", "content-type": "application/json" },
    body: '{"text":"hello","thread":7}',
  });
});

test("a thread id cannot leave its place in the path", async () => {
  const wire = await wireTo(mirror);
  const request = { get: "/threads/${thread}/state", headers: {} };
  const exchange = await wire.send(ask({ request, names: { thread: "a/../b?c" } }));
  expect(jsonOf(exchange)).toMatchObject({
    url: "/threads/a%2F..%2Fb%3Fc/state",
  });
});

test("a status is an answer, and so is a body that is no JSON", async () => {
  const wire = await wireTo((_, response) => response.writeHead(409).end("busy"));
  const heard = { status: 409, body: "busy", events: [], served: "a" };
  expect(await wire.send(ask())).toMatchObject({ kind: "answered", heard });
});

test("what reached no replica is unsent", async () => {
  const wire = await wireTo(mirror);
  const exchange = await wire.send(ask({ on: "z" }));
  expect(exchange).toEqual({ kind: "unsent", why: '{"error":"replica z is not reachable"}' });
});

test("a replica that ends before it replies leaves a broken exchange, never an answer", async () => {
  const wire = await wireTo((request) => request.socket.destroy());
  expect(await wire.send(ask())).toMatchObject({ kind: "broken", heard: { served: "a" } });
});

test("a reply that is cut is broken, although its status was 200", async () => {
  const wire = await wireTo((_, response) => {
    response.writeHead(200).write('{"reply": "half');
    setImmediate(() => response.destroy());
  });
  expect(await wire.send(ask())).toMatchObject({ kind: "broken", heard: { served: "a" } });
});

test("no reply in time is broken", async () => {
  const wire = await wireTo(() => {});
  expect(await wire.send(ask({ timeoutMs: 30 }))).toEqual({
    kind: "broken",
    why: "no answer in 30 ms",
    heard: null,
  });
});

test.each([
  { get: "/threads/${thred}", headers: {} },
  { post: "/say", headers: { "x-user": "${thred}" } },
  { post: "/say", headers: {}, json: { id: "${thred}" } },
])(
  "a typing mistake in a template is the harness's failure, not an outcome: %j",
  async (request) => {
    const wire = await wireTo(mirror);
    await expect(wire.send(ask({ request, names: { thread: 1 } }))).rejects.toThrow(
      "is not known here; there are ${thread}",
    );
  },
);
