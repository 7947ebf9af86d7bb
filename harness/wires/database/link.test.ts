import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Link } from "./link.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** One end of a connection, with the bytes and the error that arrived there. */
class End {
  readonly socket: Socket;
  error: string | null = null;
  length = 0;
  readonly #chunks: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (more) => {
      this.#chunks.push(more);
      this.length += more.length;
    });
    socket.on("error", (error: Error & { code?: string }) => (this.error = error.code ?? null));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async has(length: number): Promise<Buffer> {
    while (this.length < length) await once(this.socket, "data");
    return this.bytes;
  }

  async gone(): Promise<void> {
    // Not events.once, which rejects with the connection's error.
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once("close", resolve));
  }
}

/** A server behind a link. */
async function behindLink() {
  const server = createServer({ allowHalfOpen: false }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstreams: End[] = [];
  server.on("connection", (socket) => upstreams.push(new End(socket)));
  const link = await Link.open({
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
  });
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const { socket } of upstreams) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  opened.push(link);
  const dial = async (): Promise<End> => {
    const client = new End(connect({ host: "127.0.0.1", port: link.port, noDelay: true }));
    opened.push({ [Symbol.asyncDispose]: async () => void client.socket.destroy() });
    await once(client.socket, "connect");
    return client;
  };
  const open = async () => {
    const accepted = once(server, "connection");
    const client = await dial();
    await accepted;
    return { client, upstream: upstreams.at(-1) ?? client };
  };
  return { link, dial, open };
}

/** Distinct bytes, so that missing, repeated or reordered ones are detected. */
const bytesOf = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32BE(i, i);
  return bytes;
};

/** The time until the other end has all bytes, in milliseconds. */
async function timeOf(from: End, to: End, bytes: Buffer): Promise<number> {
  const began = performance.now();
  const before = to.length;
  from.socket.write(bytes);
  await to.has(before + bytes.length);
  expect(to.bytes.subarray(before).equals(bytes)).toBe(true);
  return performance.now() - began;
}

/** Long enough for bytes to pass that are not held. */
const aWhile = () => delay(60);

describe("latency", () => {
  test("delays bytes in both directions on an open connection", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await using _ = await link.impair({ kind: "latency", ms: 80 });
    expect(await timeOf(client, upstream, bytesOf(3))).toBeGreaterThan(79);
    expect(await timeOf(upstream, client, bytesOf(3))).toBeGreaterThan(79);
  });

  test("delays chunks in parallel, not one after the other", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await using _ = await link.impair({ kind: "latency", ms: 100 });
    const arrived: number[] = [];
    upstream.socket.on("data", () => {
      // Each chunk ends with a blank.
      const whole = upstream.bytes.toString().split(" ").length - 1;
      while (arrived.length < whole) arrived.push(performance.now());
    });
    const sent: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      sent.push(performance.now());
      client.socket.write(`${i} `);
      await delay(1);
    }
    // One after the other would take 20 delays. A busy machine slows both races equally.
    const inQueue = async () => {
      for (let i = 0; i < 10; i += 1) await delay(100);
      return "a queue";
    };
    const all = upstream.has(50).then(() => "a delay");
    expect(await Promise.race([all, inQueue()])).toBe("a delay");
    expect(upstream.bytes.toString().trim().split(" ").map(Number)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(Math.min(...sent.map((at, i) => (arrived[i] ?? 0) - at))).toBeGreaterThan(99);
  });

  test("two latencies add up, and each heals separately", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await using _ = await link.impair({ kind: "latency", ms: 50 });
    {
      await using _ = await link.impair({ kind: "latency", ms: 50 });
      expect(await timeOf(client, upstream, bytesOf(3))).toBeGreaterThan(99);
    }
    expect(await timeOf(client, upstream, bytesOf(3))).toBeGreaterThan(49);
  });

  test("the end arrives after the last bytes", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await using _ = await link.impair({ kind: "latency", ms: 50 });
    client.socket.end("good bye");
    await upstream.gone();
    expect(upstream.bytes.toString()).toBe("good bye");
  });
});

test("the lowest bandwidth limits the speed, and all bytes arrive", async () => {
  const { link, open } = await behindLink();
  const { client, upstream } = await open();
  await using _ = await link.impair({ kind: "bandwidth", bytesPerSecond: 1_000_000 });
  await using _narrow = await link.impair({ kind: "bandwidth", bytesPerSecond: 100_000 });
  expect(await timeOf(client, upstream, bytesOf(20_000))).toBeGreaterThan(170);
});

describe("a stall", () => {
  test("holds all bytes on open connections, and passes them once healed", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await timeOf(client, upstream, bytesOf(10));
    const many = bytesOf(3_000_000);
    {
      await using _ = await link.impair({ kind: "stall" });
      client.socket.write(many);
      upstream.socket.write(many);
      await aWhile();
      expect([upstream.length, client.length]).toEqual([10, 0]);
      expect([client.socket.closed, upstream.socket.closed]).toEqual([false, false]);
    }
    expect((await upstream.has(10 + many.length)).subarray(10).equals(many)).toBe(true);
    expect((await client.has(many.length)).equals(many)).toBe(true);
    expect(await timeOf(client, upstream, bytesOf(10))).toBeLessThan(5_000);
  });

  test("a client that connects meanwhile is served once healed", async () => {
    const { link, open } = await behindLink();
    const held = await link.impair({ kind: "stall" });
    // The server accepts this one before the next, so that the test can tell them apart.
    const late = await open();
    late.client.socket.write("anybody there?");
    await aWhile();
    expect([late.client.socket.closed, late.upstream.length]).toEqual([false, 0]);
    await held[Symbol.asyncDispose]();
    expect((await late.upstream.has(14)).toString()).toBe("anybody there?");
    const { client, upstream } = await open();
    await timeOf(client, upstream, bytesOf(10));
    expect(late.client.socket.closed).toBe(false);
  });

  test("the end of a client that hangs up meanwhile arrives once healed", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    const held = await link.impair({ kind: "stall" });
    client.socket.end("never mind");
    await aWhile();
    expect(upstream.socket.closed).toBe(false);
    await held[Symbol.asyncDispose]();
    await upstream.gone();
    expect(upstream.bytes.toString()).toBe("never mind");
  });

  test("two stalls end with the second", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    const one = await link.impair({ kind: "stall" });
    const other = await link.impair({ kind: "stall" });
    client.socket.write("hello");
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await aWhile();
    expect(upstream.length).toBe(0);
    await other[Symbol.asyncDispose]();
    expect((await upstream.has(5)).toString()).toBe("hello");
  });

  test("dispose during a stall closes both ends", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await link.impair({ kind: "stall" });
    client.socket.write("hello");
    await link[Symbol.asyncDispose]();
    await Promise.all([client.gone(), upstream.gone()]);
  });
});

test("a refusal closes new connections and keeps open ones", async () => {
  const { link, dial, open } = await behindLink();
  const { client, upstream } = await open();
  {
    await using _ = await link.impair({ kind: "refuse" });
    const late = await dial();
    await late.gone();
    await timeOf(client, upstream, bytesOf(8));
    expect([link.accepted, link.refused]).toEqual([2, 1]);
  }
  const next = await open();
  await timeOf(next.client, next.upstream, bytesOf(8));
});

describe("a reset", () => {
  test("both ends of an open connection get ECONNRESET", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await using _ = await link.impair({ kind: "reset" });
    await Promise.all([client.gone(), upstream.gone()]);
    expect([client.error, upstream.error]).toEqual(["ECONNRESET", "ECONNRESET"]);
  });

  test("a new connection gets it with its first bytes; once healed, it is served", async () => {
    const { link, dial, open } = await behindLink();
    {
      await using _ = await link.impair({ kind: "reset" });
      const client = await dial();
      await aWhile();
      expect(client.socket.closed).toBe(false);
      client.socket.write("hello");
      await client.gone();
      expect(client.error).toBe("ECONNRESET");
    }
    const { client, upstream } = await open();
    await timeOf(client, upstream, bytesOf(10));
  });
});

describe("a cut", () => {
  test("both ends of an open connection are closed, without an error", async () => {
    const { link, open } = await behindLink();
    const { client, upstream } = await open();
    await using _ = await link.impair({ kind: "cut" });
    await Promise.all([client.gone(), upstream.gone()]);
    expect([client.error, upstream.error]).toEqual([null, null]);
  });

  test("a new connection is closed at once; once healed, it is served", async () => {
    const { link, dial, open } = await behindLink();
    {
      await using _ = await link.impair({ kind: "cut" });
      const client = await dial();
      await client.gone();
      expect(client.length).toBe(0);
    }
    const { client, upstream } = await open();
    await timeOf(client, upstream, bytesOf(10));
  });
});
