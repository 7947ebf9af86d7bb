import { createServer } from "node:net";
import { PassThrough } from "node:stream";
import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  getReaper,
  LABEL_TESTCONTAINERS_SESSION_ID,
  type StartedTestContainer,
  Wait,
} from "testcontainers";
import type { Output } from "../output.ts";
import type { Watchdog } from "../watchdog/watchdog.ts";
import type { EngineAddress } from "../watchdog/remove-containers.ts";
import type { WireAddress } from "../../wires/address.ts";
import { RunNetwork } from "./network.ts";
import { forgoReaperWhereNoneIs } from "./reaper.ts";

/** How a container is run. */
export interface ContainerOptions {
  /** Unique in the run; the others find it under `Containers.hostOf` this. */
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Port of the container → port of our loopback. Both are fixed: an engine that may choose takes
   * another one at each start.
   */
  readonly publish?: Readonly<Record<number, number>>;
  /** Path in the container → content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Gets what it prints. */
  readonly output?: Output;
}

/** By this name containers reach this machine. */
const reach = "host.docker.internal";

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];
type Handle = ReturnType<Dockerode["getContainer"]>;

/**
 * The containers of one run, through testcontainers: on one network, with one label. They end with
 * the run: by dispose, or, where the harness is killed, by the watchdog and by Ryuk, the reaper of
 * testcontainers, where its image can be had.
 */
export class Containers implements AsyncDisposable {
  /** Where we have to listen, and under which name the containers reach that. */
  readonly address: WireAddress;
  readonly client: ContainerRuntimeClient;
  readonly #runId: string;
  readonly #network: RunNetwork;
  readonly #over = new AbortController();

  readonly #gateway: string | null;

  private constructor(
    client: ContainerRuntimeClient,
    runId: string,
    network: RunNetwork,
    gateway: string | null,
  ) {
    this.client = client;
    this.#gateway = gateway;
    this.address = { listen: gateway ?? "127.0.0.1", reach };
    this.#runId = runId;
    this.#network = network;
  }

  /** @throws Error when no engine answers. */
  static async open(runId: string, watchdog: Pick<Watchdog, "reap">): Promise<Containers> {
    const client = await getContainerRuntimeClient();
    const { dockerode } = client.container;
    watchdog.reap(engineOf(dockerode));
    await forgoReaperWhereNoneIs();
    const { sessionId } = await getReaper(client);
    // The reaper looks for its session, and the watchdog for the run.
    const labels = { [LABEL_TESTCONTAINERS_SESSION_ID]: sessionId, ...labelsOf(runId) };
    const network = await RunNetwork.open(dockerode, networkOf(runId), labels);
    const isOurs = await canListenOn(network.gateway);
    return new Containers(client, runId, network, isOurs ? network.gateway : null);
  }

  /** By this name a container of the run is reached from another. */
  hostOf(name: string): string {
    return `tp-${this.#runId}-${name}`;
  }

  /** Creates and starts it; an old one of that name must be gone. @throws what the engine says. */
  async run(options: ContainerOptions): Promise<Container> {
    this.#over.signal.throwIfAborted();
    // No alias: with one a container would stay on the default bridge as well, and to take it off
    // this network would cut nothing.
    const address = this.#network.take();
    const giveBack = () => this.#network.giveBack(address);
    const definition = new LoopbackContainer(options.image)
      .withName(this.hostOf(options.name))
      .withNetworkMode(this.#network.name)
      .withLabels(labelsOf(this.#runId))
      .withEnvironment({ ...options.environment })
      .withExtraHosts([{ host: reach, ipAddress: this.#gateway ?? "host-gateway" }])
      // Whether it is ready is for who started it to find out, and faster than once a second.
      .withWaitStrategy(Wait.forAll([]))
      .publishing(options.publish ?? {})
      .at(address, this.#network.name)
      .withCopyContentToContainer(
        Object.entries(options.files ?? {}).map(([target, content]) => ({ target, content })),
      );
    if (options.command !== undefined) definition.withCommand([...options.command]);
    const { dockerode } = this.client.container;
    let started: StartedTestContainer;
    try {
      started = await definition.start();
    } catch (cause) {
      // What was created and could not be started would keep the name.
      const left = dockerode.getContainer(this.hostOf(options.name));
      await new Container(left, { address, giveBack })[Symbol.asyncDispose]();
      throw cause;
    }
    const handle = dockerode.getContainer(started.getId());
    const container = new Container(handle, { address, giveBack, output: options.output });
    await container.follow();
    return container;
  }

  /** A true cut, until what comes back is disposed of: it is on no other network. */
  async cutOff(container: Container): Promise<AsyncDisposable> {
    await this.#network.disconnect(container.id);
    return {
      // One that ended meanwhile has left the network.
      [Symbol.asyncDispose]: () =>
        this.#network.connect(container.id, container.address).catch(unless(403, 404, 409)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new Error("the run is over: no container is started any more"));
    const { dockerode } = this.client.container;
    const filters = { label: [labelOf(this.#runId)] };
    const left = await dockerode.listContainers({ all: true, filters });
    await Promise.all(left.map(({ Id }) => removed(dockerode.getContainer(Id))));
    // 403: somebody was started meanwhile; the watchdog looks once more.
    await this.#network.remove().catch(unless(403, 404));
  }
}

/** One container, from its creation to its removal. It may be ended, and started again. */
export class Container implements AsyncDisposable {
  /** On the network of the run; the same in all lives. */
  readonly address: string;
  readonly #handle: Handle;
  readonly #output: Output | undefined;
  readonly #giveBack: () => void;
  #pid = 0;
  #ended: Promise<number> = Promise.resolve(0);

  constructor(handle: Handle, { address, giveBack, output }: Place) {
    this.address = address;
    this.#handle = handle;
    this.#output = output;
    this.#giveBack = giveBack;
  }

  get id(): string {
    return this.#handle.id;
  }

  /** Of its first process, as the host counts; 0: it is over already. */
  get pid(): number {
    return this.#pid;
  }

  /** The exit code of the present life, once that is over and what it printed has been read. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** Again, after its end: the same files, the same published ports. */
  async start(): Promise<void> {
    await this.#handle.start();
    await this.follow();
  }

  /** Watches the life that has just begun. */
  async follow(): Promise<void> {
    this.#pid = (await this.#handle.inspect()).State.Pid;
    const printed = this.#output === undefined ? Promise.resolve() : this.#read(this.#output);
    const over = this.#handle.wait() as Promise<{ StatusCode: number }>;
    this.#ended = Promise.all([over, printed]).then(([{ StatusCode }]) => StatusCode);
    // It may be removed while nobody asks any more.
    this.#ended.catch(() => {});
  }

  /** Resolves once it was delivered; to one that is over already, it is no error. */
  async kill(signal: string): Promise<void> {
    await this.#handle.kill({ signal }).catch(unless(404, 409));
  }

  /** Removes it with what it wrote; a running one is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await removed(this.#handle);
    this.#giveBack();
  }

  async #read(output: Output): Promise<void> {
    const log = await this.#handle.logs({ follow: true, stdout: true, stderr: true });
    const streams = [new PassThrough(), new PassThrough()] as const;
    for (const stream of streams) output.read(stream);
    const { modem } = this.#handle as { modem: Dockerode["modem"] };
    modem.demuxStream(log, ...streams);
    await new Promise((resolve) => log.once("end", resolve).once("error", resolve));
    for (const stream of streams) stream.end();
  }
}

/** Where a container is on the network, and who reads what it prints. */
interface Place {
  readonly address: string;
  readonly giveBack: () => void;
  readonly output?: Output | undefined;
}

/** Resolves once it is gone; a running one is killed. */
async function removed(handle: Handle): Promise<void> {
  // 409: another process is removing it.
  await handle.remove({ force: true, v: true }).catch(unless(404, 409));
}

/** testcontainers publishes on every address of the machine; what we publish is for us alone. */
class LoopbackContainer extends GenericContainer {
  at(address: string, network: string): this {
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: address } } },
    };
    return this;
  }

  publishing(ports: Readonly<Record<number, number>>): this {
    const all = Object.entries(ports).map(
      ([inside, outside]) => [`${inside}/tcp`, outside] as const,
    );
    this.createOpts.ExposedPorts = Object.fromEntries(all.map(([inside]) => [inside, {}]));
    this.hostConfig.PortBindings = Object.fromEntries(
      all.map(([inside, port]) => [inside, [{ HostIp: "127.0.0.1", HostPort: String(port) }]]),
    );
    // Our own look at the ready check costs less, and the watch of the engine would go on.
    this.createOpts.Healthcheck = { Test: ["NONE"] };
    return this;
  }
}

/**
 * On Linux the gateway of the network is this machine. Docker Desktop has its engine elsewhere, and
 * hands `host-gateway` on to our loopback: not tried.
 */
function canListenOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, host, () => server.close(() => resolve(true)));
  });
}

function networkOf(runId: string): string {
  return `tp-${runId}`;
}

/** The watchdog looks for it. */
function labelOf(runId: string): string {
  return `threadproof.run=${runId}`;
}

function labelsOf(runId: string): Record<string, string> {
  const [name = "", value = ""] = labelOf(runId).split("=");
  return { [name]: value };
}

/** Where the engine listens, for a process that has only node:http. */
function engineOf({ modem }: Dockerode): EngineAddress {
  const { socketPath, host, port } = modem as unknown as Partial<Record<string, string>>;
  if (socketPath !== undefined) return { socketPath };
  return { host: host ?? "127.0.0.1", port: Number(port ?? 2375) };
}

/** An answer of the engine that is none of these is an error. */
function unless(...statuses: readonly number[]) {
  return (cause: unknown): void => {
    const is = cause instanceof Error && "statusCode" in cause ? Number(cause.statusCode) : 0;
    if (!statuses.includes(is)) throw cause;
  };
}
