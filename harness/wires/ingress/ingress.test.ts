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

/** A replica. By default it returns the request that it received. */
async function replica(name: string, answer: RequestListener = echo): Promise<Replica> {
  const server = await openServer(answer);
  opened.push(server);
  return { name, url: server.url, ready: true };
}

const echo: RequestListener = (request, response) => {
  response.setHeader(headers.served, "a name that the service claims");
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));
};

/** A replica that is down: its port is closed. */
async function dead(name: string): Promise<Replica> {
  return { name, url: new URL(`http://127.0.0.1:${await laterPort()}`), ready: true };
}

async function ingress(replicas: readonly Upstream[]) {
  const it = await Ingress.open(() => replicas);
  opened.push(it);
  return it;
}

/** The names of the replicas that served successive requests. */
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
  test("round robin uses the replicas in turn", async () => {
    const it = await ingress([await replica("a"), await replica("b"), await replica("c")]);
    expect(await served(it, 7)).toBe("abcabca");
  });

  test("a pinned replica serves the request", async () => {
    const it = await ingress([await replica("a"), await replica("b")]);
    expect(await served(it, 3, { [headers.on]: "b" })).toBe("bbb");
  });

  test("a replica that is not ready gets only pinned requests", async () => {
    const it = await ingress([await replica("a"), { ...(await replica("b")), ready: false }]);
    expect(await served(it, 3)).toBe("aaa");
    expect(await served(it, 1, { [headers.on]: "b" })).toBe("b");
  });
});

describe("forwarding", () => {
  test("passes path and the service's headers on, without ours", async () => {
    const it = await ingress([await replica("a")]);
    const response = await fetch(new URL("/threads/7?limit=1", it.url), {
      headers: { [headers.on]: "a", "x-user-id": "u1" },
    });
    const seen = (await response.json()) as { url: string; headers: Record<string, string> };
    expect(seen.url).toBe("/threads/7?limit=1");
    expect(seen.headers["x-user-id"]).toBe("u1");
    expect(Object.keys(seen.headers).filter((it) => it.startsWith("x-threadproof"))).toEqual([]);
  });

  test("overwrites a served header that the service sets", async () => {
    const it = await ingress([await replica("a")]);
    expect(await served(it, 1)).toBe("a");
  });

  test("passes status, headers and body of the response on", async () => {
    const busy: RequestListener = (request, response) => {
      response.writeHead(409, { "retry-after": "1" });
      request.pipe(response);
    };
    const it = await ingress([await replica("a", busy)]);
    const response = await fetch(it.url, { method: "POST", body: "a message" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([409, "1"]);
    expect(await response.text()).toBe("a message");
  });

  test("streams a response before it is complete", async () => {
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
  test("a dead replica is skipped even if its last ready check passed", async () => {
    const it = await ingress([await dead("a"), await replica("b")]);
    expect(await served(it, 4)).toBe("bbbb");
  });

  test("a request pinned to a dead replica gets 503 marked as unsent", async () => {
    const it = await ingress([await dead("a"), await replica("b")]);
    const response = await fetch(it.url, { headers: { [headers.on]: "a" } });
    expect([response.status, response.headers.get(headers.unsent)]).toEqual([503, "true"]);
    expect(await response.json()).toEqual({ error: "replica a is not reachable" });
  });

  test("without a ready replica a request gets 503 marked as unsent", async () => {
    const it = await ingress([{ ...(await replica("a")), ready: false }]);
    const response = await fetch(it.url);
    expect([response.status, response.headers.get(headers.unsent)]).toEqual([503, "true"]);
    expect(await response.json()).toEqual({ error: "no replica is ready" });
  });

  test("a replica that dies before its reply makes a 502, and the request is not retried", async () => {
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
    "a reply that breaks off also breaks off for the client: %j",
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
  /** Never completes its response. `asked`: the request has arrived; `gone`: it was aborted. */
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
  ])("%s closes the connection to the replica", async (_, begins) => {
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

  test("does not affect the connections of other clients", async () => {
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
