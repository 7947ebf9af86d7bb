import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { laterPort } from "../../machine/port.ts";
import { Ingress, type Upstream } from "./ingress.ts";
import { headers } from "../headers.ts";
import { openServer } from "../../../test/support/loopback-server.ts";

type Replica = Upstream & { ready: boolean };

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** A service of one replica: what it answers by default tells what it was sent. */
async function replica(name: string, answer: RequestListener = echo): Promise<Replica> {
  const server = await openServer(answer);
  opened.push(server);
  return { name, url: server.url, ready: true };
}

const echo: RequestListener = (request, response) => {
  response.setHeader(headers.served, "what the service says of itself");
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));
};

/** A replica that is down: nobody listens there. */
async function dead(name: string): Promise<Replica> {
  return { name, url: new URL(`http://127.0.0.1:${await laterPort()}`), ready: true };
}

async function ingress(replicas: readonly Upstream[]) {
  const it = await Ingress.open(() => replicas);
  opened.push(it);
  return it;
}

/** Who served one request after the other. */
async function served(it: Ingress, times: number, given: Record<string, string> = {}) {
  const names: (string | null)[] = [];
  for (let i = 0; i < times; i += 1) {
    const response = await fetch(it.url, { headers: given });
    await response.text();
    names.push(response.headers.get(headers.served));
  }
  return names.join("");
}

describe("routing", () => {
  test("round robin takes the replicas in turn", async () => {
    const it = await ingress([await replica("a"), await replica("b"), await replica("c")]);
    expect(await served(it, 7)).toBe("abcabca");
  });

  test("a request gets the replica that it pins", async () => {
    const it = await ingress([await replica("a"), await replica("b")]);
    expect(await served(it, 3, { [headers.on]: "b" })).toBe("bbb");
  });

  test("a replica that is not ready gets nothing, but what is pinned to it", async () => {
    const it = await ingress([await replica("a"), { ...(await replica("b")), ready: false }]);
    expect(await served(it, 3)).toBe("aaa");
    expect(await served(it, 1, { [headers.on]: "b" })).toBe("b");
  });
});

describe("what is passed on", () => {
  test("the path, the body and the service's own headers arrive, ours do not", async () => {
    const it = await ingress([await replica("a")]);
    const response = await fetch(new URL("/threads/7?limit=1", it.url), {
      headers: { [headers.on]: "a", "x-user-id": "u1" },
    });
    const seen = (await response.json()) as { url: string; headers: Record<string, string> };
    expect(seen.url).toBe("/threads/7?limit=1");
    expect(seen.headers["x-user-id"]).toBe("u1");
    expect(Object.keys(seen.headers).filter((it) => it.startsWith("x-threadproof"))).toEqual([]);
  });

  test("who served it is what the ingress knows, not what the service says", async () => {
    const it = await ingress([await replica("a")]);
    expect(await served(it, 1)).toBe("a");
  });

  test("a status and a body go through as they are", async () => {
    const busy: RequestListener = (request, response) => {
      response.writeHead(409, { "retry-after": "1" });
      request.pipe(response);
    };
    const it = await ingress([await replica("a", busy)]);
    const response = await fetch(it.url, { method: "POST", body: "a message" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([409, "1"]);
    expect(await response.text()).toBe("a message");
  });

  test("a chunk arrives before the reply is over", async () => {
    const rest = Promise.withResolvers<void>();
    const stream: RequestListener = (_, response) => {
      response.write("one ");
      void rest.promise.then(() => response.end("two"));
    };
    const it = await ingress([await replica("a", stream)]);
    const response = await fetch(it.url);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const read = async () => Buffer.from((await reader.read()).value ?? []).toString();
    expect(await read()).toBe("one ");
    rest.resolve();
    expect(await read()).toBe("two");
  });
});

describe("replicas that are down", () => {
  test("a dead replica is passed over, whatever its ready check said last", async () => {
    const it = await ingress([await dead("a"), await replica("b")]);
    expect(await served(it, 4)).toBe("bbbb");
  });

  test("a pin on a dead replica is unsent, and says so", async () => {
    const it = await ingress([await dead("a"), await replica("b")]);
    const response = await fetch(it.url, { headers: { [headers.on]: "a" } });
    expect([response.status, response.headers.get(headers.unsent)]).toEqual([503, "true"]);
    expect(await response.json()).toEqual({ error: "replica a is not reachable" });
  });

  test("without a ready replica nothing is sent, and the reply says so", async () => {
    const it = await ingress([{ ...(await replica("a")), ready: false }]);
    const response = await fetch(it.url);
    expect([response.status, response.headers.get(headers.unsent)]).toEqual([503, "true"]);
    expect(await response.json()).toEqual({ error: "no replica is ready" });
  });

  test("a replica that ends before it replies is a 502 of that replica, not sent again", async () => {
    let requests = 0;
    const ends: RequestListener = (request) => {
      requests += 1;
      request.socket.destroy();
    };
    const it = await ingress([await replica("a", ends), await replica("b", ends)]);
    const response = await fetch(it.url, { method: "POST", body: "{}" });
    expect([response.status, response.headers.get(headers.served)]).toEqual([502, "a"]);
    expect(response.headers.get(headers.unsent)).toBeNull();
    expect(requests).toBe(1);
  });

  test.each([{}, { "content-length": "100" }])(
    "a reply that breaks off breaks off for the client, too: %j",
    async (given) => {
      const breaksOff: RequestListener = (_, response) => {
        response.writeHead(200, given);
        response.write("half a rep");
        setImmediate(() => response.destroy());
      };
      const it = await ingress([await replica("a", breaksOff)]);
      const response = await fetch(it.url);
      await expect(response.text()).rejects.toThrow("terminated");
    },
  );
});

describe("a client that hangs up", () => {
  /** Answers nothing, or only the beginning; resolves once the request has come, and is gone. */
  function listener(begins: boolean) {
    const [asked, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const answer: RequestListener = (request, response) => {
      response.once("close", gone.resolve);
      if (begins) response.write("once upon a ");
      request.resume().once("end", asked.resolve);
    };
    return { answer, asked: asked.promise, gone: gone.promise };
  }

  test.each([
    ["before the reply begins", false],
    ["in the middle of the reply", true],
  ])("%s hangs up on the replica, too", async (_, begins) => {
    const { answer, asked, gone } = listener(begins);
    const it = await ingress([await replica("a", answer)]);
    const client = new AbortController();
    const { signal } = client;
    const asking = fetch(it.url, { method: "POST", body: "a message", signal }).then(
      () => "begun",
      () => "nothing",
    );
    await asked;
    if (begins) await asking;
    client.abort();
    await gone;
    expect(await asking).toBe(begins ? "begun" : "nothing");
  });

  test("leaves the connections of the others alone", async () => {
    const { answer, asked, gone } = listener(false);
    const it = await ingress([await replica("a", answer), await replica("b")]);
    const client = new AbortController();
    const given = { [headers.on]: "a" };
    const asking = fetch(it.url, { headers: given, signal: client.signal }).catch(() => "gone");
    await asked;
    const others = served(it, 3, { [headers.on]: "b" });
    client.abort();
    expect([await asking, await others]).toEqual(["gone", "bbb"]);
    await gone;
  });
});
