import { createServer } from "node:net";
import { PassThrough } from "node:stream";
import { createTar } from "nanotar";
import { type ContainerRuntimeClient, getContainerRuntimeClient, ImageName } from "testcontainers";
import type { Output } from "../output.ts";
import type { Watchdog } from "../watchdog/watchdog.ts";
import type { EngineAddress } from "../watchdog/remove-containers.ts";
import type { WireAddress } from "../../wires/address.ts";
import { RunNetwork } from "./network.ts";
import { reaperLabels } from "./reaper.ts";

/** How a container is run. */
export interface ContainerOptions {
  /** Unique in the run. The host name for other containers is `Containers.hostOf(name)`. */
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Port of the container → port on our loopback. Both are fixed, because the engine would choose
   * another one at each start.
   */
  readonly publish?: Readonly<Record<number, number>>;
  /** Path in the container → content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Receives the container's output. */
  readonly output?: Output;
}

/** The host name of this machine for containers. */
const reach = "host.docker.internal";

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];
type Handle = ReturnType<Dockerode["getContainer"]>;

/**
 * The containers of one run: on one network, with one label. testcontainers finds the engine, pulls
 * with the user's credentials, and runs Ryuk, its reaper. The rest uses its dockerode client,
 * because testcontainers cannot kill, pause, isolate or restart a container. Dispose removes all
 * containers. If the harness is killed, the watchdog does, and Ryuk if its image is available.
 */
export class Containers implements AsyncDisposable {
  /** The address on which we must listen, and the host name by which containers reach it. */
  readonly address: WireAddress;
  readonly client: ContainerRuntimeClient;
  readonly #runId: string;
  readonly #network: RunNetwork;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #over = new AbortController();
  readonly #gateway: string | null;

  private constructor(
    client: ContainerRuntimeClient,
    runId: string,
    labels: Readonly<Record<string, string>>,
    network: RunNetwork,
    gateway: string | null,
  ) {
    this.client = client;
    this.#labels = labels;
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
    const labels = { ...(await reaperLabels(client)), ...labelsOf(runId) };
    const network = await RunNetwork.open(dockerode, networkOf(runId), labels);
    const isOurs = await canListenOn(network.gateway);
    return new Containers(client, runId, labels, network, isOurs ? network.gateway : null);
  }

  /** The host name of a container for other containers of the run. */
  hostOf(name: string): string {
    return `tp-${this.#runId}-${name}`;
  }

  /**
   * Creates and starts a container. An earlier one of the same name must have been removed.
   * @throws Error of the engine.
   */
  async run(options: ContainerOptions): Promise<Container> {
    this.#over.signal.throwIfAborted();
    await this.client.image.pull(ImageName.fromString(options.image));
    this.#over.signal.throwIfAborted();
    const address = this.#network.take();
    const giveBack = () => this.#network.giveBack(address);
    const { dockerode } = this.client.container;
    const handle = await dockerode
      .createContainer(this.#definition(options, address))
      .catch((cause: Error) => {
        giveBack();
        throw cause;
      });
    const container = new Container(handle, { address, giveBack, output: options.output });
    try {
      const files = Object.entries(options.files ?? {});
      const archive = createTar(files.map(([name, data]) => ({ name, data })));
      if (files.length > 0) await handle.putArchive(Buffer.from(archive), { path: "/" });
      await container.start();
    } catch (cause) {
      // A container that did not start would keep the name.
      await container[Symbol.asyncDispose]();
      throw cause;
    }
    return container;
  }

  #definition(options: ContainerOptions, address: string) {
    const { name, image, command, environment = {}, publish = {} } = options;
    const ports = Object.entries(publish).map(([inside, outside]) => ({
      inside: `${inside}/tcp`,
      // On loopback only, not on every address of the machine.
      bindings: [{ HostIp: "127.0.0.1", HostPort: String(outside) }],
    }));
    return {
      name: this.hostOf(name),
      Image: image,
      ...(command === undefined ? {} : { Cmd: [...command] }),
      Env: Object.entries(environment).map(([variable, value]) => `${variable}=${value}`),
      Labels: this.#labels,
      // Our own ready check costs less, and the engine's would never stop.
      Healthcheck: { Test: ["NONE"] },
      ExposedPorts: Object.fromEntries(ports.map(({ inside }) => [inside, {}])),
      HostConfig: {
        // The only network: disconnecting the container from it cuts it off completely.
        NetworkMode: this.#network.name,
        ExtraHosts: [`${reach}:${this.#gateway ?? "host-gateway"}`],
        PortBindings: Object.fromEntries(ports.map(({ inside, bindings }) => [inside, bindings])),
      },
      NetworkingConfig: {
        EndpointsConfig: { [this.#network.name]: { IPAMConfig: { IPv4Address: address } } },
      },
    };
  }

  /** Disconnects the container from its only network; dispose connects it again. */
  async cutOff(container: Container): Promise<AsyncDisposable> {
    await this.#network.disconnect(container.id);
    return {
      // A container that ended meanwhile has left the network.
      [Symbol.asyncDispose]: () =>
        this.#network.connect(container.id, container.address).catch(unless(403, 404, 409)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new Error("the run is over, so no container is started"));
    const { dockerode } = this.client.container;
    const filters = { label: [labelOf(this.#runId)] };
    const left = await dockerode.listContainers({ all: true, filters });
    await Promise.all(left.map(({ Id }) => removed(dockerode.getContainer(Id))));
    // 403: a container was started meanwhile; the watchdog removes it.
    await this.#network.remove().catch(unless(403, 404));
  }
}

/** One container, from its creation to its removal. It may be killed and started again. */
export class Container implements AsyncDisposable {
  /** On the network of the run; a restart keeps it. */
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

  /** The host's pid of its first process; 0: it has ended. */
  get pid(): number {
    return this.#pid;
  }

  /** The exit code since the last start, once the container has ended and its output was read. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** The first start, or a restart with the same files and published ports. */
  async start(): Promise<void> {
    await this.#handle.start();
    this.#pid = (await this.#handle.inspect()).State.Pid;
    const printed = this.#output === undefined ? Promise.resolve() : this.#read(this.#output);
    const over = this.#handle.wait() as Promise<{ StatusCode: number }>;
    this.#ended = Promise.all([over, printed]).then(([{ StatusCode }]) => StatusCode);
    // The container may be removed while no caller awaits its end.
    this.#ended.catch(() => {});
  }

  /** Resolves once the signal was delivered, or if the container has already ended. */
  async kill(signal: string): Promise<void> {
    await this.#handle.kill({ signal }).catch(unless(404, 409));
  }

  /** Removes the container with its volumes, and kills it if it runs. */
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

/** A container's address, and the reader of its output. */
interface Place {
  readonly address: string;
  readonly giveBack: () => void;
  readonly output?: Output | undefined;
}

/** Resolves once the container is removed; kills it if it runs. */
async function removed(handle: Handle): Promise<void> {
  // 409: another process is removing it.
  await handle.remove({ force: true, v: true }).catch(unless(404, 409));
}

/**
 * On Linux the gateway of the network is this machine. Docker Desktop runs its engine in a virtual
 * machine and forwards `host-gateway` to our loopback: untested.
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

/** The watchdog finds the containers by this label. */
function labelOf(runId: string): string {
  return `threadproof.run=${runId}`;
}

function labelsOf(runId: string): Record<string, string> {
  const [name = "", value = ""] = labelOf(runId).split("=");
  return { [name]: value };
}

/** The engine's address, for the watchdog's node:http client. */
function engineOf({ modem }: Dockerode): EngineAddress {
  const { socketPath, host, port } = modem as unknown as Partial<Record<string, string>>;
  if (socketPath !== undefined) return { socketPath };
  return { host: host ?? "127.0.0.1", port: Number(port ?? 2375) };
}

/** Ignores the engine's errors of these statuses and throws all others. */
function unless(...statuses: readonly number[]) {
  return (cause: unknown): void => {
    const status = cause instanceof Error && "statusCode" in cause ? Number(cause.statusCode) : 0;
    if (!statuses.includes(status)) throw cause;
  };
}
