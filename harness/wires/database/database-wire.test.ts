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

test("an address through the wire is the same but for host and port", async () => {
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
  "when the client is gone (%s) the server loses its connection at once",
  async (how) => {
    const { client, upstream } = await link();
    // The server is in the middle of something, and would not look up for its own sake.
    upstream.resume();
    const closed = once(upstream, "close");
    client[how]();
    await closed;
    expect(upstream.destroyed).toBe(true);
  },
);

test.each(["destroy", "resetAndDestroy", "end"] as const)(
  "when the server is gone (%s) the client loses its connection at once",
  async (how) => {
    const { client, upstream } = await link();
    client.resume();
    const closed = once(client, "close");
    upstream[how]();
    await closed;
    expect(client.destroyed).toBe(true);
  },
);

test("a server that is busy and does not look up finds nobody to answer to", async () => {
  const { client, upstream } = await link({ allowHalfOpen: true });
  upstream.resume();
  const hungUp = once(upstream, "end");
  client.destroy();
  await hungUp;
  // As Postgres does once its statement has ended; the first row may still get as far as the wire.
  const answer = () => {
    upstream.write("a row");
    return upstream.destroyed;
  };
  await expect.poll(answer).toBe(true);
});

test("where nobody listens the client is let go, not kept waiting", async () => {
  const upstream = new URL(`postgres://127.0.0.1:${await laterPort()}/db`);
  await using wire = await openDatabaseWire(upstream);
  const client = connect({
    host: "127.0.0.1",
    port: Number(new URL(wire.through(upstream.href)).port),
  });
  client.on("error", () => {}).resume();
  await once(client, "close");
});

test("what is open is closed with the wire", async () => {
  const { wire, client, upstream } = await link();
  const closed = [once(client, "close"), once(upstream, "close")];
  await wire[Symbol.asyncDispose]();
  await Promise.all(closed);
});
