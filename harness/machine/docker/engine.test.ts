// A small server on a Unix socket replaces the engine.
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dockerEngine, images, reaperImage } from "./engine.ts";

const options = { socket: "/no/docker.sock", answerMs: 10_000, registryMs: 10_000 };
const engineAt = (address: string, overrides: Partial<typeof options> = {}) =>
  dockerEngine({ DOCKER_HOST: address }, { ...options, ...overrides });

/** Returns the server's address. */
async function listen(handler: RequestListener, path = socketPath()): Promise<string> {
  const server = createServer(handler).listen(path);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `unix://${path}`;
}

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "docker.sock");
}

const basics: Readonly<Record<string, object>> = {
  "/version": { Version: "28.1.0", ApiVersion: "1.49" },
  "/info": { NCPU: 4, MemTotal: 8 * 1024 ** 3 },
};

/** An engine that also answers the paths in `known`. */
function engine(known: Readonly<Record<string, object>> = {}): RequestListener {
  return ({ url = "" }, response) => {
    const answer = { ...basics, ...known }[url];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "page not found" }));
  };
}

test("an engine that answers has a version and a size", async () => {
  const address = await listen(engine());
  expect(await engineAt(address)).toEqual({
    ok: true,
    address,
    version: "28.1.0",
    cores: 4,
    memoryBytes: 8 * 1024 ** 3,
    place: expect.any(Function),
  });
});

test("place finds an image here, at its registry, or nowhere, and pulls nothing", async () => {
  const asked = new Set<string>();
  const answer = engine({
    [`/images/${images.databaseWire}/json`]: { Id: "sha256:1" },
    "/distribution/node:24-slim/json": { Descriptor: {} },
  });
  const found = await engineAt(
    await listen((request, response) => {
      asked.add(request.method ?? "");
      answer(request, response);
    }),
  );
  if (!found.ok) throw new Error(found.why);
  expect(await found.place(images.databaseWire)).toBe("here");
  expect(await found.place("node:24-slim")).toBe("registry");
  expect(await found.place("haproxy:3.0-alpine")).toBe("nowhere");
  expect(asked).toEqual(new Set(["GET"]));
});

test("an image whose registry does not answer in time is nowhere", async () => {
  const answer = engine();
  const found = await engineAt(
    await listen((request, response) => {
      if (request.url?.startsWith("/distribution/") !== true) answer(request, response);
    }),
    { registryMs: 200 },
  );
  expect(found.ok && (await found.place("node:24-slim"))).toBe("nowhere");
});

test("a server that does not respond is not an engine", async () => {
  const address = await listen(() => {});
  expect(await engineAt(address, { answerMs: 200 })).toEqual({
    ok: false,
    why: `no Docker engine answers at ${address} within 200 ms: start it again, or set DOCKER_HOST`,
  });
});

test("a server that stops in the middle of a response is not an engine", async () => {
  const address = await listen((_, response) => void response.write("{"));
  expect(await engineAt(address, { answerMs: 200 })).toEqual({
    ok: false,
    why: expect.stringContaining("within 200 ms"),
  });
});

test.each([
  ["a page", 200, "text/html", "<html>", "text/html"],
  ["a page without a type", 200, "", "hello", "not JSON"],
  ["another service", 200, "application/json", '{"version":"2"}', "unknown JSON"],
  ["a proxy that refuses", 403, "text/plain", "no", "HTTP 403"],
])("%s is not an engine", async (_, status, type, body, reason) => {
  const address = await listen((_request, response) => {
    response.writeHead(status, type === "" ? {} : { "content-type": type }).end(body);
  });
  const why = `the server at ${address} is not a Docker engine (${reason}): set DOCKER_HOST`;
  expect(await engineAt(address)).toEqual({ ok: false, why });
});

test("a server that closes the connection is not an engine", async () => {
  const address = await listen((request) => request.socket.destroy());
  const why = `no Docker engine answers at ${address} (ECONNRESET): start it, or set DOCKER_HOST`;
  expect(await engineAt(address)).toEqual({ ok: false, why });
});

test("the error for a missing engine names its address and the way out", async () => {
  const address = `unix://${socketPath()}`;
  const why = `no Docker engine answers at ${address} (ENOENT): start it, or set DOCKER_HOST`;
  expect(await engineAt(address)).toEqual({ ok: false, why });
});

test("an engine may listen on TCP", async () => {
  const server = createServer(engine()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const address = `tcp://127.0.0.1:${port}`;
  expect(await engineAt(address)).toMatchObject({ ok: true, version: "28.1.0" });
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  expect(await engineAt(address)).toMatchObject({
    ok: false,
    why: expect.stringContaining("ECONNREFUSED"),
  });
});

test("the error for a socket without permission says which group to join", async () => {
  const path = socketPath();
  const address = await listen(engine(), path);
  chmodSync(path, 0o000);
  // Root may open every socket, so the test becomes an ordinary user.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  onTestFinished(() => {
    if (isRoot) process.seteuid?.(0);
  });
  const why =
    `this user may not use the Docker engine at ${address} (EACCES): ` +
    "join the group docker, or set DOCKER_HOST";
  expect(await engineAt(address)).toEqual({ ok: false, why });
});

test.each(["ssh://somewhere", "docker.sock", "unix://"])(
  "the error for an invalid address gives examples: %s",
  async (given) => {
    expect(await engineAt(given)).toEqual({
      ok: false,
      why: expect.stringMatching(/^DOCKER_HOST is ".*", an invalid address: set it to unix:/),
    });
  },
);

test("the error for an unreadable certificate has the system's code", async () => {
  const environment = {
    DOCKER_HOST: "tcp://127.0.0.1:2376",
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: join(tmpdir(), "no-such-folder"),
  };
  expect(await dockerEngine(environment, options)).toMatchObject({
    ok: false,
    why: expect.stringContaining("ENOENT"),
  });
});

test("without DOCKER_HOST the machine's engine comes before the user's", async () => {
  const [shared, own] = [socketPath(), socketPath()];
  const environment = { DOCKER_HOST: "", XDG_RUNTIME_DIR: dirname(own) };
  const found = () => dockerEngine(environment, { ...options, socket: shared });
  // If none of them answers, the reason names the first.
  expect(await found()).toMatchObject({ ok: false, why: expect.stringContaining(shared) });
  await listen(engine(), own);
  expect(await found()).toMatchObject({ ok: true, address: `unix://${own}` });
  await listen(engine(), shared);
  expect(await found()).toMatchObject({ ok: true, address: `unix://${shared}` });
});

test("the reaper's image is that of testcontainers, or of RYUK_CONTAINER_IMAGE", () => {
  const own = createRequire(import.meta.url).resolve("testcontainers/build/reaper/reaper.js");
  expect(readFileSync(own, "utf8")).toContain(`"${reaperImage({})}"`);
  expect(reaperImage({ RYUK_CONTAINER_IMAGE: "mine:1" })).toBe("mine:1");
});
