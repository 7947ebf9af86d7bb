import { resolve } from "node:path";
import type { Backend, OpenBackendOptions, OpenedBackend, Site } from "../backend.ts";
import type { Launch, Replica } from "../replica.ts";
import { Containers } from "../../machine/docker/containers.ts";
import { imageOf } from "../../machine/docker/image.ts";
import { startContainedPostgres } from "../../machine/docker/postgres-container.ts";
import { HaProxies, type HaProxy } from "../../machine/docker/haproxy-container.ts";
import { startToxiproxy } from "../../machine/docker/toxiproxy-container.ts";
import type { Capability } from "../../history/capability.ts";
import type { DatabaseServer } from "../../machine/postgres/postgres-server.ts";
import { capabilitiesOf, lacksOf } from "../../config/lacking.ts";
import { commandOf, type CommandTarget, type Target } from "../../config/configuration.ts";
import { methodAndPath } from "../../config/request.ts";
import type { Watchdog } from "../../machine/watchdog/watchdog.ts";
import type { WireAddress } from "../../wires/address.ts";
import type { DatabaseWire } from "../../wires/database/database-wire.ts";
import { openToxiproxyWire, type ToxiproxyServer } from "../../wires/database/toxiproxy.ts";
import { DockerReplica, insideOf, portOf } from "./docker-replica.ts";
import { Output } from "../../machine/output.ts";
import { twoReplicas } from "../supervised-replica.ts";

/** Contexts of builds are relative to `folder`. The first build of an image takes minutes. */
interface DockerBackendOptions extends Pick<
  OpenBackendOptions,
  "runId" | "folder" | "ownDatabase" | "targets"
> {
  readonly watchdog: Pick<Watchdog, "reap">;
}

/** Capabilities that processes have and containers lack. */
const missingHere: Partial<Record<Capability, string>> = {
  "database-refuse":
    "Toxiproxy cannot refuse new connections and keep open ones: use --backend process",
  statements: "Toxiproxy does not inspect statements: use --backend process",
  "database-restart": "threadproof did not start the database server, so it may not end it",
};

/** The first port in Toxiproxy's container for the links of replicas. */
const firstLinkPort = 20_000;

/**
 * Replicas as containers, behind HAProxy, with Toxiproxy on the database wire. The network,
 * Toxiproxy and the images are created once per run; proxies are reused. Each start of a replica
 * is a new container, as with an orchestrator.
 */
export async function openDocker(options: DockerBackendOptions): Promise<OpenedBackend> {
  await using stack = new AsyncDisposableStack();
  const containers = stack.use(await Containers.open(options.runId, options.watchdog));
  const yard = new Yard(containers, options.folder, await startToxiproxy(containers));
  await Promise.all(options.targets.filter(isContained).map((it) => yard.imageOf(it)));
  const owned = stack.move();
  const backend: Backend = {
    name: "docker",
    unfit: (target) => {
      if (target.kind !== "command") return "the target is deployed already";
      return target.container?.build === undefined && target.container?.image === undefined
        ? "the target cannot run as a container: add container.build or container.image"
        : null;
    },
    capabilities: (target) =>
      [...capabilitiesOf(commandOf(target)), "isolate" as const].filter(
        (it) =>
          (it !== "database-restart" || options.ownDatabase) &&
          it !== "database-refuse" &&
          it !== "statements",
      ),
    replicas: () => twoReplicas,
    remedy: (target, lacked) => lacksOf(commandOf(target))[lacked] ?? missingHere[lacked] ?? null,
    async open({ target }) {
      const own = commandOf(target);
      return new DockerSite(yard, own, await yard.proxies.take(behindOf(own)));
    },
  };
  return {
    backend,
    startPostgres: () => yard.startPostgres(),
    // Dispose removes all containers together, databases included.
    stop: async () => {},
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Resources that the sites of one run share. */
class Yard {
  readonly containers: Containers;
  readonly proxies: HaProxies;
  readonly toxiproxy: ToxiproxyServer;
  readonly #folder: string;
  readonly #images = new Map<string, Promise<string>>();
  /** Our address of a database server → its address for containers. */
  readonly #servers = new Map<string, string>();
  #started = 0;
  #links = 0;

  constructor(containers: Containers, folder: string, toxiproxy: ToxiproxyServer) {
    this.containers = containers;
    this.proxies = new HaProxies(containers);
    this.toxiproxy = toxiproxy;
    this.#folder = folder;
  }

  async startPostgres(): Promise<DatabaseServer> {
    // Numbered before it starts, because several may start concurrently.
    const name = `postgres-${(this.#started += 1)}`;
    const server = await startContainedPostgres(this.containers, name);
    this.#servers.set(new URL(server.url).host, server.inside);
    return server;
  }

  link(upstream: URL): Promise<DatabaseWire> {
    const port = firstLinkPort + this.#links++;
    // A server on this machine has another host name inside containers.
    const outside = `${this.containers.address.reach}:${upstream.port || 5432}`;
    const inside = this.#servers.get(upstream.host) ?? outside;
    return openToxiproxyWire(this.toxiproxy, { name: `link-${port}`, port, upstream: inside });
  }

  /** The image of a target, built once for each content. */
  imageOf({ container }: CommandTarget): Promise<string> {
    if (container?.image !== undefined) return Promise.resolve(container.image);
    const { context = ".", dockerfile = "Dockerfile", stage = null } = container?.build ?? {};
    const build = { context: resolve(this.#folder, context), dockerfile, stage };
    const key = JSON.stringify(build);
    const known = this.#images.get(key) ?? imageOf(this.containers.client, build);
    this.#images.set(key, known);
    return known;
  }
}

class DockerSite implements Site {
  readonly #yard: Yard;
  readonly #target: CommandTarget;
  readonly #proxy: HaProxy & AsyncDisposable;
  readonly #replicas = new Set<Replica>();

  constructor(yard: Yard, target: CommandTarget, proxy: HaProxy & AsyncDisposable) {
    this.#yard = yard;
    this.#target = target;
    this.#proxy = proxy;
  }

  get ingress(): URL {
    return this.#proxy.url;
  }

  get wires(): WireAddress {
    return this.#yard.containers.address;
  }

  databaseWire(upstream: URL): Promise<DatabaseWire> {
    return this.#yard.link(upstream);
  }

  async replica(launch: Launch): Promise<Replica> {
    const image = await this.#yard.imageOf(this.#target);
    const { containers } = this.#yard;
    const place = { target: this.#target, containers, proxy: this.#proxy, image };
    const replica = new DockerReplica(launch, place);
    this.#replicas.add(replica);
    return replica;
  }

  async migrate(launch: Launch): Promise<void> {
    const { containers } = this.#yard;
    const output = new Output();
    const { migrate } = this.#target.container ?? {};
    await using container = await containers.run({
      name: this.#proxy.nameOf("migration"),
      image: await this.#yard.imageOf(this.#target),
      environment: insideOf(this.#target, launch),
      ...(migrate === undefined ? {} : { command: migrate }),
      output,
    });
    const code = await container.ended;
    if (code !== 0) throw new Error(`the migration ended with ${code}: ${output.excerpt}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#replicas].map((it) => it[Symbol.asyncDispose]()));
    await this.#proxy[Symbol.asyncDispose]();
  }
}

function isContained(target: Target): target is CommandTarget {
  return target.kind === "command" && target.container !== undefined;
}

function behindOf(target: CommandTarget) {
  const { path: readyPath } = methodAndPath(target.ready);
  return { port: portOf(target), readyPath, readyStatus: [target.ready.status].flat() };
}
