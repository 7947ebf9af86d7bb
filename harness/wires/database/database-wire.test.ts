import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { laterPort } from "../../machine/port.ts";
import { openDatabaseWire } from "./database-wire.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** A client and a server with the wire between them. */
async function link({ allowHalfOpen = false } = {}) {
  const server = createServer({ allowHalfOpen }).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(closing(server));
  const { port } = server.address() as AddressInfo;
  const wire = await openDatabaseWire(new URL(`postgres://127.0.0.1:${port}/db`));
  opened.push(wire);
  const url = new URL(wire.through(`postgres://me:secret@db.internal:6000/db?x=1`));
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect({ host: url.hostname, port: Number(url.port) });
  const [upstream] = await accepted;
  for (const socket of [client, upstream]) socket.on("error", () => {});
  return { wire, url, client, upstream };
}

function closing(server: Server): AsyncDisposable {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("an address through the wire differs only in host and port", async () => {
  const { url } = await link();
  expect(url.hostname).toBe("127.0.0.1");
  expect(url.port).not.toBe("6000");
  expect(url.href.replace(url.host, "")).toBe("postgres://me:secret@/db?x=1");
});

test("bytes pass both ways, unchanged", async () => {
  const { client, upstream } = await link();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const reversed = Buffer.from(bytes.toReversed());
  client.write(bytes);
  expect(await once(upstream, "data")).toEqual([bytes]);
  upstream.write(reversed);
  expect(await once(client, "data")).toEqual([reversed]);
});

test.each(["destroy", "resetAndDestroy", "end"] as const)(
  "if the client goes (%s), the server's connection closes at once",
  async (how) => {
    const { client, upstream } = await link();
    // The server is busy and does not check its connection by itself.
    upstream.resume();
    const closed = once(upstream, "close");
    client[how]();
    await closed;
    expect(upstream.destroyed).toBe(true);
  },
);

test.each(["destroy", "resetAndDestroy", "end"] as const)(
  "if the server goes (%s), the client's connection closes at once",
  async (how) => {
    const { client, upstream } = await link();
    client.resume();
    const closed = once(client, "close");
    upstream[how]();
    await closed;
    expect(client.destroyed).toBe(true);
  },
);

test("a busy server finds its connection closed when it answers", async () => {
  const { client, upstream } = await link({ allowHalfOpen: true });
  upstream.resume();
  const hungUp = once(upstream, "end");
  client.destroy();
  await hungUp;
  // As Postgres does after its statement. The first row may still reach the wire.
  const answer = () => {
    upstream.write("a row");
    return upstream.destroyed;
  };
  await expect.poll(answer).toBe(true);
});

test("if the server's port is closed, the client's connection closes", async () => {
  const upstream = new URL(`postgres://127.0.0.1:${await laterPort()}/db`);
  await using wire = await openDatabaseWire(upstream);
  const client = connect({
    host: "127.0.0.1",
    port: Number(new URL(wire.through(upstream.href)).port),
  });
  client.on("error", () => {}).resume();
  await once(client, "close");
});

test("dispose closes open connections", async () => {
  const { wire, client, upstream } = await link();
  const closed = [once(client, "close"), once(upstream, "close")];
  await wire[Symbol.asyncDispose]();
  await Promise.all(closed);
});
