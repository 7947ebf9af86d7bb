/** All bytes pass unchanged, in any pieces. The server here does not implement Postgres. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate as breathe } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Random, random } from "../../history/random.ts";
import { int32, message } from "../../../test/support/postgres-messages.ts";
import { Tap } from "./statement-proxy.ts";

const seeds = Array.from({ length: 60 }, (_, i) => i + 1);

/** A message of any type with any body, valid or not. */
function anyMessage(source: Random, types: string): Buffer {
  const type = types[source.below(types.length)] ?? "Q";
  const long = source.below(12) === 0 ? 20_000 : 40;
  const bytes = Buffer.from(Array.from({ length: source.below(long) }, () => source.below(256)));
  const texts = ["begin; insert into t values (1)", "copy t from stdin", "select 1", "'", ""];
  const sql = texts[source.below(texts.length)] ?? "";
  switch (source.below(3)) {
    case 0:
      return message(type, bytes);
    case 1:
      return message(type, sql);
    default:
      return message(type, "", sql, bytes);
  }
}

/** Writes the bytes in pieces of random lengths. */
async function inPieces(socket: Socket, bytes: Buffer, source: Random): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const most = source.below(3) === 0 ? 9_000 : 9;
    const piece = bytes.subarray(at, at + 1 + source.below(most));
    at += piece.length;
    if (!socket.write(piece)) await once(socket, "drain");
    if (source.below(8) === 0) await breathe();
  }
}

/** A server that accepts one connection and ignores its content. */
async function rawServer() {
  const came = Promise.withResolvers<Socket>();
  const server = createServer({ noDelay: true }, came.resolve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const { port } = server.address() as AddressInfo;
  return { port, came: came.promise, [Symbol.asyncDispose]: close };
}

function receivedBy(socket: Socket) {
  const chunks: Buffer[] = [];
  socket.on("error", () => {}).on("data", (bytes: Buffer) => chunks.push(bytes));
  return () => Buffer.concat(chunks);
}

test.each(seeds)("any messages, both ways at once (seed %i)", async (seed) => {
  const source = random(seed);
  await using raw = await rawServer();
  const pause = () => (source.below(2) === 0 ? breathe() : undefined);
  const watch = { before: pause as () => Promise<void>, after: pause, gone: () => {} };
  await using tap = await Tap.open({ to: { host: "127.0.0.1", port: raw.port }, watch });
  const client = connect({ host: "127.0.0.1", port: tap.port, noDelay: true });
  const server = await raw.came;
  const [atClient, atServer] = [receivedBy(client), receivedBy(server)];
  const count = 1 + source.below(80);
  const all = (types: string) => Array.from({ length: count }, () => anyMessage(source, types));
  const sent = Buffer.concat([int32(8, 196_608), ...all("QPBDECSHFcdfXp")]);
  const answered = Buffer.concat(all("RKSZCEIs123DTGHWdcNAntV"));
  const sources = [source.fork("client"), source.fork("server")] as const;
  await Promise.all([inPieces(client, sent, sources[0]), inPieces(server, answered, sources[1])]);
  await expect.poll(() => atServer().length, { timeout: 20_000 }).toBe(sent.length);
  expect(atServer().equals(sent)).toBe(true);
  // The proxy keeps some answers for a ReadyForQuery, and passes them on when the server ends.
  server.end();
  await once(client, "close");
  expect(atClient().equals(answered)).toBe(true);
});

test.each(seeds.slice(0, 20))(
  "bytes of another protocol end the connection (seed %i)",
  async (seed) => {
    const source = random(seed);
    await using raw = await rawServer();
    const watch = { before: () => {}, after: () => {}, gone: () => {} };
    await using tap = await Tap.open({ to: { host: "127.0.0.1", port: raw.port }, watch });
    const client = connect({ host: "127.0.0.1", port: tap.port });
    const server = await raw.came;
    const atServer = receivedBy(server);
    // An opening that is too long, or of an unknown kind.
    const first = source.below(2) === 0 ? int32(10_001 + source.below(1_000_000)) : int32(8, seed);
    const noise = Buffer.from(Array.from({ length: 64 }, () => source.below(256)));
    client.on("error", () => {}).resume();
    client.write(Buffer.concat([first, noise]));
    await Promise.all([once(client, "close"), once(server, "close")]);
    expect(atServer().length).toBe(0);
  },
);
