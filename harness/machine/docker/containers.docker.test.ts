// Each test starts one to three containers, at 0.4 s each on a quiet machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as tcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { getContainerRuntimeClient } from "testcontainers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dockerEngine, images, reaperImage } from "./engine.ts";
import { Output } from "../output.ts";
import { freePort } from "../port.ts";
import { openToxiproxyWire } from "../../wires/database/toxiproxy.ts";
import { headers } from "../../wires/headers.ts";
import { Containers } from "./containers.ts";
import { imageOf } from "./image.ts";
import { HaProxies } from "./haproxy-container.ts";
import { startToxiproxy } from "./toxiproxy-container.ts";

const engine = await dockerEngine();
const runId = `dt${process.pid.toString(36)}`;
let containers: Containers;
const folders: string[] = [];

beforeAll(async () => {
  if (engine.ok) containers = await Containers.open(runId, { reap: () => {} });
});

beforeEach(({ skip }) => skip(!engine.ok, engine.ok ? "" : engine.why));

afterAll(async () => {
  await containers?.[Symbol.asyncDispose]();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/**
 * A server that returns its name, holds requests for /hold, exits on /die, and counts held and
 * aborted requests.
 */
const service = `
  let held = 0;
  let left = 0;
  require("node:http").createServer((request, response) => {
    console.log("request for " + request.url);
    if (request.url === "/die") process.exit(3);
    if (request.url === "/busy") return response.writeHead(503).end("not now");
    if (request.url === "/held") return response.end(String(held));
    if (request.url === "/left") return response.end(String(left));
    if (request.url === "/hold") {
      held += 1;
      return response.on("close", () => (left += 1));
    }
    response.end(JSON.stringify({ name: process.env.NAME, headers: request.headers }));
  }).listen(3000, "0.0.0.0");
`;

function serve(name: string, publish: Record<number, number> = {}, output?: Output) {
  const command = ["node", "-e", service];
  const environment = { NAME: name };
  const more = output === undefined ? {} : { output };
  return containers.run({ name, image: images.node, command, environment, publish, ...more });
}

/** Listens from the start: an end or a byte may arrive while the test awaits something else. */
async function opened(address: { host: string; port: number }) {
  const socket = connect(address);
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
  const ended = new Promise<string>((resolve) => {
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "error"));
    socket.once("close", () => resolve("closed"));
  });
  await once(socket, "connect");
  /** Takes the next `bytes` bytes. */
  const receive = async (bytes: number): Promise<string> => {
    while (received.length < bytes) await once(socket, "data");
    const taken = received.slice(0, bytes);
    received = received.slice(bytes);
    return taken;
  };
  return { socket, ended, receive };
}

async function answers(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await delay(20); // the container has just started
    }
  }
}

describe("a container", { timeout: 90_000 }, () => {
  test("can be stopped, killed and started again at the same address", async () => {
    const port = await freePort();
    const output = new Output();
    await using it = await serve("lives", { 3000: port }, output);
    const url = `http://127.0.0.1:${port}/`;
    expect(JSON.parse(await answers(url))).toMatchObject({ name: "lives" });
    await it.kill("SIGSTOP");
    await expect.poll(() => stateOf(it.pid)).toBe("T");
    await it.kill("SIGCONT");
    await expect.poll(() => stateOf(it.pid)).not.toBe("T");
    const first = it.pid;
    await it.kill("SIGKILL");
    expect(await it.ended).toBe(137);
    expect(output.lastLines).toContain("request for /");
    await it.start();
    expect(it.pid).not.toBe(first);
    expect(JSON.parse(await answers(url))).toMatchObject({ name: "lives" });
  });

  test("reaches servers on this machine, and publishes ports on loopback only", async () => {
    const server = createServer((_, response) => response.end("the wire"));
    server.listen(0, containers.address.listen);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const output = new Output();
    const url = `http://${containers.address.reach}:${port}/`;
    const command = ["node", "-e", `fetch("${url}").then((it) => it.text()).then(console.log)`];
    await using it = await containers.run({ name: "asks", image: images.node, command, output });
    expect([await it.ended, output.lastLines]).toEqual([0, ["the wire"]]);
    server.close();
    const published = await freePort();
    await using other = await serve("private", { 3000: published });
    await answers(`http://127.0.0.1:${published}/`);
    const { NetworkSettings } = await inspected(other.id);
    expect(NetworkSettings.Ports["3000/tcp"]?.map((bound) => bound.HostIp)).toEqual(["127.0.0.1"]);
  });

  test("runs on without any network while cut off, and gets its address back", async () => {
    await using it = await serve("cut");
    const network = `tp-${runId}`;
    const networks = async () => (await inspected(it.id)).NetworkSettings.Networks;
    const before = { pid: it.pid, address: (await networks())[network]?.IPAddress };
    await using stack = new AsyncDisposableStack();
    {
      await using _ = await containers.cutOff(it);
      expect(Object.keys(await networks())).toEqual([]);
      // A container that starts meanwhile gets another address.
      stack.use(await serve("meanwhile"));
    }
    const { State } = await inspected(it.id);
    const address = (await networks())[network]?.IPAddress;
    expect({ running: State.Running, pid: State.Pid, address }).toEqual({
      running: true,
      ...before,
    });
  });
});

describe("the ingress as HAProxy", { timeout: 90_000 }, () => {
  test("behaves as our own ingress does", async () => {
    const proxies = new HaProxies(containers);
    await using proxy = await proxies.take({ port: 3000, readyPath: "/", readyStatus: [200] });
    const ask = (path: string, given: Record<string, string> = {}, signal?: AbortSignal) =>
      // HAProxy closes a kept connection after a replica has died over a request on it.
      fetch(new URL(path, proxy.url), {
        headers: { ...given, connection: "close" },
        signal: signal ?? null,
      });
    const [a, b] = [await serve(proxy.nameOf("a")), await serve(proxy.nameOf("b"))];
    const both = async () => [...(await proxy.believedReady())].toSorted();
    await expect.poll(both).toEqual(["a", "b"]);
    // Round robin, and a header names the replica that served the request.
    const served = async () => (await ask("/")).headers.get(headers.served);
    const four = [await served(), await served(), await served(), await served()];
    expect(Map.groupBy(four, (it) => it)).toEqual(
      new Map([
        ["a", ["a", "a"]],
        ["b", ["b", "b"]],
      ]),
    );
    // A pinned request. The service does not see our headers.
    const pinned = await ask("/", { [headers.on]: "b" });
    expect(pinned.headers.get(headers.served)).toBe("b");
    const seen = (await pinned.json()) as { headers: Record<string, string> };
    expect(Object.keys(seen.headers).filter((it) => it.startsWith("x-threadproof"))).toEqual([]);
    // A 503 of the service is not marked as unsent.
    const busy = await ask("/busy", { [headers.on]: "a" });
    expect([busy.status, busy.headers.get(headers.unsent), await busy.text()]).toEqual([
      503,
      null,
      "not now",
    ]);
    // The service sees that a client aborts.
    const leaving = new AbortController();
    const asking = ask("/hold", { [headers.on]: "a" }, leaving.signal).catch(() => "left");
    const count = async (of: string) => (await ask(of, { [headers.on]: "a" })).text();
    await expect.poll(() => count("/held")).toBe("1");
    leaving.abort();
    expect(await asking).toBe("left");
    await expect.poll(() => count("/left")).toBe("1");
    // A replica that dies during a request has served it; a dead replica was sent nothing.
    const died = await ask("/die", { [headers.on]: "b" });
    expect([died.status, died.headers.get(headers.served)]).toEqual([502, "b"]);
    await b.ended;
    await expect.poll(both).toEqual(["a"]);
    const gone = await ask("/", { [headers.on]: "b" });
    expect([gone.status, gone.headers.get(headers.unsent)]).toEqual([503, "true"]);
    expect([await served(), await served()]).toEqual(["a", "a"]);
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });
});

describe("the database wire as Toxiproxy", { timeout: 90_000 }, () => {
  test("impairs open connections and heals", async () => {
    const echo = tcpServer((socket) => socket.on("error", () => {}).pipe(socket));
    echo.listen(0, containers.address.listen);
    await once(echo, "listening");
    const { port } = echo.address() as AddressInfo;
    const server = await startToxiproxy(containers);
    const link = { name: "link", port: 20_000, upstream: `${containers.address.reach}:${port}` };
    await using wire = await openToxiproxyWire(server, link);
    const through = new URL(wire.through("postgres://u:p@127.0.0.1:5432/db"));
    expect(through.href).toBe(`postgres://u:p@${containers.hostOf("toxiproxy")}:20000/db`);
    const { NetworkSettings } = await inspected(containers.hostOf("toxiproxy"));
    const host = NetworkSettings.Networks[`tp-${runId}`]?.IPAddress ?? "";
    const open = () => opened({ host, port: 20_000 });
    const { socket, ended, receive } = await open();
    const took = async (text: string): Promise<number> => {
      const began = performance.now();
      socket.write(text);
      expect(await receive(text.length)).toBe(text);
      return performance.now() - began;
    };
    await took("warm");
    {
      await using _ = await wire.impair({ kind: "latency", ms: 150 });
      expect(await took("late")).toBeGreaterThan(280);
    }
    {
      await using _ = await wire.impair({ kind: "bandwidth", bytesPerSecond: 10_000 });
      expect(await took("x".repeat(5_000))).toBeGreaterThan(300);
    }
    const same = "the same bytes";
    const comes = receive(same.length);
    {
      await using _ = await wire.impair({ kind: "stall" });
      socket.write(same);
      expect(await Promise.race([comes, delay(300, "nothing")])).toBe("nothing");
    }
    expect(await comes).toBe(same);
    {
      await using _ = await wire.impair({ kind: "reset" });
      socket.write("anybody?");
      await ended;
      const later = await open();
      later.socket.write("anybody?");
      expect(await later.ended).toBe("ECONNRESET");
    }
    const second = await open();
    expect(second.socket.write("here") && (await second.receive(4))).toBe("here");
    {
      await using _ = await wire.impair({ kind: "cut" });
      await second.ended;
      await expect(open()).rejects.toThrow("ECONNREFUSED");
    }
    (await open()).socket.destroy();
    echo.close();
  });
});

describe("an image", { timeout: 90_000 }, () => {
  test("is built once per content, and a failed build shows its last output", async () => {
    const context = mkdtempSync(join(tmpdir(), "image-"));
    folders.push(context);
    const write = (name: string, text: string) => writeFileSync(join(context, name), text);
    write("Dockerfile", `FROM ${images.node}\nCOPY file /file\n`);
    write(".dockerignore", "ignored\n");
    write("file", `one of ${runId}`);
    const { client } = containers;
    const build = { context, dockerfile: "Dockerfile", stage: null };
    const first = await imageOf(client, build);
    const { Id } = await client.container.dockerode.getImage(first).inspect();
    write("ignored", "another");
    expect(await imageOf(client, build)).toBe(first);
    expect((await client.container.dockerode.getImage(first).inspect()).Id).toBe(Id);
    write("file", `two of ${runId}`);
    const second = await imageOf(client, build);
    expect(second).not.toBe(first);
    write("Dockerfile", `FROM ${images.node}\nRUN echo no such thing && exit 7\n`);
    await expect(imageOf(client, build)).rejects.toThrow(
      /cannot build the image of Dockerfile.*\bno such thing/s,
    );
    await expect(imageOf(client, { ...build, dockerfile: "Nofile" })).rejects.toThrow(
      "no file Nofile in",
    );
    for (const name of [first, second]) await client.container.dockerode.getImage(name).remove();
  });
});

describe("all containers are removed", { timeout: 90_000 }, () => {
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  /** A stand-in for the harness: it starts a container, and waits for SIGKILL. */
  const script = (run: string) => `
    const { openScratch } = await import(${url("../scratch.ts")});
    const { startWatchdog } = await import(${url("../watchdog/watchdog.ts")});
    const { Containers } = await import(${url("./containers.ts")});
    const scratch = openScratch();
    const watchdog = await startWatchdog({ runId: "${run}", scratch });
    const containers = await Containers.open("${run}", watchdog);
    await containers.run({ name: "left", image: "${images.node}", command: ["sleep", "1000"] });
    console.log(JSON.stringify({ pid: watchdog.pid, roots: scratch.roots }));
    setInterval(() => {}, 1000);`;

  async function left(run: string): Promise<string[]> {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const filters = { label: [`threadproof.run=${run}`] };
    const [all, networks] = [
      await dockerode.listContainers({ all: true, filters }),
      await dockerode.listNetworks({ filters }),
    ];
    return [...all.map((it) => it.Names[0] ?? it.Id), ...networks.map((it) => it.Name)];
  }

  async function killed(run: string, environment: Record<string, string>, watchdogToo: boolean) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script(run)], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    expect(await left(run)).toEqual([`/tp-${run}-left`, `tp-${run}`]);
    const { pid, roots } = JSON.parse(line) as { pid: number; roots: string[] };
    // Without a watchdog this test has to remove the folders.
    if (watchdogToo) folders.push(...roots);
    if (watchdogToo) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    await expect.poll(() => left(run), { timeout: 60_000, interval: 200 }).toEqual([]);
    if (!watchdogToo) await expect.poll(() => roots.filter((it) => existsSync(it))).toEqual([]);
  }

  test("without the reaper, if the harness is killed", async () => {
    await killed(`${runId}w`, { TESTCONTAINERS_RYUK_DISABLED: "true" }, false);
  });

  test("with the reaper, if the watchdog is killed too", async ({ skip }) => {
    const place = engine.ok ? await engine.place(reaperImage()) : "nowhere";
    const isOff = process.env["TESTCONTAINERS_RYUK_DISABLED"] === "true";
    skip(isOff || place === "nowhere", "the reaper is switched off, or its image is not available");
    await killed(`${runId}r`, {}, true);
  });
});

async function inspected(id: string) {
  return containers.client.container.dockerode.getContainer(id).inspect();
}

/** "T": stopped. */
function stateOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] ?? "";
}
