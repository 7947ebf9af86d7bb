import type { BackendName } from "../harness/deployment/backends.ts";
import { setTimeout as delay } from "node:timers/promises";
import { images } from "../harness/machine/docker/engine.ts";
import { freePort } from "../harness/machine/port.ts";
import { probe } from "../harness/machine/probe.ts";
import { type Container, Containers } from "../harness/machine/docker/containers.ts";
import { startContainedPostgres } from "../harness/machine/docker/postgres-container.ts";
import { HaProxies } from "../harness/machine/docker/haproxy-container.ts";
import { openResources } from "../harness/engine/resources.ts";
import { openScratch } from "../harness/machine/scratch.ts";
import type { Target } from "../harness/config/configuration.ts";
import { createTemplate } from "../harness/deployment/database-template.ts";
import { startWatchdog } from "../harness/machine/watchdog/watchdog.ts";
import { openDatabaseWire } from "../harness/wires/database/database-wire.ts";
import { Ingress } from "../harness/wires/ingress/ingress.ts";
import { openToxiproxyWire } from "../harness/wires/database/toxiproxy.ts";
import { type Figure, median, timeOf } from "./figure.ts";
import { rate } from "./ingress.bench.ts";
import { inTurn, statementRate, passiveTap } from "./statements.bench.ts";

const lives = 5;
const requests = 1_000;
const readyTimeoutMs = 30_000;

/** Containers compared with processes, and their wires with ours. Needs a container engine. */
export async function dockerFigures(target: Target, folder: string): Promise<Figure[]> {
  const plain = await livesOn("process", target, folder);
  const contained = await livesOn("docker", target, folder);
  const life = (name: string, of: "start" | "kill" | "again"): Figure => ({
    name,
    unit: "ms",
    value: contained[of],
    floor: { name: "as a process", value: plain[of] },
    budget: null,
  });
  return [
    life("a replica ready, as a container", "start"),
    life("…killed", "kill"),
    life("…ready again", "again"),
    ...(await wireFigures()),
  ];
}

/** Milliseconds from the start until ready, from SIGKILL until the end, and of the next start. */
async function livesOn(backend: BackendName, target: Target, folder: string) {
  const runId = `bench${backend}${process.pid.toString(36)}`;
  const options = { runId, folder, backend, databaseUrl: null, targets: [target] };
  await using resources = await openResources(options);
  await createTemplate(resources.backendOf(target), resources.cluster, {
    name: "bench",
    definition: target,
  });
  await using database = await resources.cluster.create({ template: "bench" });
  await using site = await resources.backendOf(target).open({ target, replicas: ["a"] });
  await using wire = await site.databaseWire(new URL(database.url));
  const nowhere = `http://${site.wires.reach}:9`;
  const names = { database: wire.through(database.url), model: nowhere, tools: nowhere };
  let seq = 0;
  const recorder = { record: (event: object) => ({ seq: (seq += 1), at: seq, ...event }) as never };
  const times = { start: [] as number[], kill: [] as number[], again: [] as number[] };
  for (let life = 0; life < lives; life += 1) {
    await using replica = await site.replica({
      ...{ name: "a", boot: life, target, environment: {}, recorder },
      names: { ...names, replica: "a" },
    });
    const start = async (): Promise<void> => {
      if (!(await replica.start())) throw new Error(`the replica on ${backend} is not ready`);
    };
    times.start.push(await timeOf(start));
    times.kill.push(await timeOf(() => replica.signal("SIGKILL")));
    times.again.push(await timeOf(start));
  }
  return {
    start: median(times.start),
    kill: median(times.kill),
    again: median(times.again),
  };
}

async function wireFigures(): Promise<Figure[]> {
  const runId = `benchwires${process.pid.toString(36)}`;
  await using scratch = openScratch();
  await using watchdog = await startWatchdog({ runId, scratch });
  await using containers = await Containers.open(runId, watchdog);
  return [await ingressFigure(containers), ...(await databaseFigures(containers))];
}

/** Sends the same requests to the same container, through HAProxy and through our ingress. */
async function ingressFigure(containers: Containers): Promise<Figure> {
  const [port, readyPath, readyStatus] = [3_000, "/", [200]] as const;
  await using proxy = await new HaProxies(containers).take({ port, readyPath, readyStatus });
  const outside = await freePort();
  const answer = `(_, response) => response.end('{"reply":"noted"}')`;
  await using service = await containers.run({
    name: proxy.nameOf("a"),
    image: images.node,
    command: ["node", "--eval", `http.createServer(${answer}).listen(${port})`],
    publish: { [port]: outside },
  });
  await until("HAProxy sees its replica", async () => (await proxy.believedReady()).has("a"));
  const url = await directly(containers, service, port, outside);
  await using ingress = await Ingress.open(() => [{ name: "a", url, ready: true }]);
  const [theirs = Number.NaN, ours = Number.NaN] = await inTurn([
    () => rate(proxy.url, requests),
    () => rate(ingress.url, requests),
  ]);
  return {
    name: "requests through HAProxy in a container",
    unit: "requests/s",
    value: theirs,
    floor: { name: "through the ingress, to the same container", value: ours },
    budget: null,
  };
}

/**
 * The address of a container without the engine's proxy, which costs more than the wires measured
 * here, because both sides open a connection per request. If unreachable: the published address.
 */
async function directly(
  { client }: Containers,
  { id }: Container,
  port: number,
  outside: number,
): Promise<URL> {
  const { NetworkSettings } = await client.container.dockerode.getContainer(id).inspect();
  const addresses = Object.values(NetworkSettings.Networks).map((it) => it.IPAddress);
  for (const host of addresses) {
    const url = new URL(`http://${host}:${port}`);
    if ((await probe(url, "GET", 1_000)) !== null) return url;
  }
  return new URL(`http://127.0.0.1:${outside}`);
}

/** Sends the same statements to the same server: through our link, our tap, and Toxiproxy. */
async function databaseFigures(containers: Containers): Promise<Figure[]> {
  await using server = await startContainedPostgres(containers, "postgres");
  const [apiPort, port] = [await freePort(), await freePort()];
  await using _ = await containers.run({
    name: "toxiproxy",
    image: images.databaseWire,
    publish: { 8474: apiPort, [port]: port },
  });
  const api = new URL(`http://127.0.0.1:${apiPort}`);
  await until("Toxiproxy answers", async () => {
    return (await probe(new URL("/version", api), "GET", 1_000))?.status === 200;
  });
  const toxiproxy = { name: "bench", port, upstream: server.inside };
  await using theirs = await openToxiproxyWire({ api, host: "127.0.0.1" }, toxiproxy);
  await using link = await openDatabaseWire(new URL(server.url));
  await using tap = await openDatabaseWire(new URL(server.url), passiveTap);
  const [linked = Number.NaN, tapped = Number.NaN, value = Number.NaN] = await inTurn(
    [link, tap, theirs].map((wire) => () => statementRate(wire.through(server.url))),
  );
  const beside = (name: string, floor: number): Figure => ({
    name: "statements through Toxiproxy in a container",
    unit: "statements/s",
    value,
    floor: { name, value: floor },
    budget: null,
  });
  return [beside("through our link", linked), beside("through our tap", tapped)];
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (performance.now() < deadline) {
    if (await isSo()) return;
    await delay(15);
  }
  throw new Error(`did not happen within ${readyTimeoutMs} ms: ${what}`);
}
