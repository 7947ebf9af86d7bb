import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Impairment } from "./impairment.ts";
import { Lane, type Terms } from "./throttled-pipe.ts";

interface Pair {
  readonly sockets: readonly [client: Socket, target: Socket];
  readonly lanes: readonly Lane[];
}

/**
 * A TCP proxy on the loopback address: it connects each client to `to`. When one side ends, the
 * other is closed at once, so that the locks of a killed replica do not linger.
 */
export class Link implements AsyncDisposable {
  readonly #to: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #pairs = new Set<Pair>();
  readonly #impairments = new Set<Impairment>();
  #accepted = 0;
  #refused = 0;

  private constructor(to: { host: string; port: number }) {
    this.#to = to;
    this.#server = createServer({ noDelay: true }, (client) => this.#welcome(client));
  }

  static async open(to: { host: string; port: number }): Promise<Link> {
    const link = new Link(to);
    await new Promise<void>((resolve, reject) => {
      link.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The number of connections so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** The number of connections that were closed at once. */
  get refused(): number {
    return this.#refused;
  }

  /** Several impairments add up: the sum of the latencies, and the lowest bandwidth. */
  async impair(impairment: Impairment): Promise<AsyncDisposable> {
    // A copy, because the same impairment may be in effect twice.
    const held = { ...impairment };
    this.#impairments.add(held);
    if (held.kind === "reset" || held.kind === "cut") this.#end(held.kind);
    else this.#adopt();
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#impairments.delete(held)) this.#adopt();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end("cut");
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #welcome(client: Socket): void {
    this.#accepted += 1;
    this.#clients.add(client);
    client.on("error", () => {}).once("close", () => this.#clients.delete(client));
    // Connections are closed instead of the port: another process might take a closed port.
    if (this.#suffers("cut") || this.#suffers("refuse")) {
      this.#refused += 1;
      client.destroy();
    } else if (this.#suffers("reset")) client.once("data", () => client.resetAndDestroy());
    else this.#connect(client);
  }

  #connect(client: Socket): void {
    const target = connect({ ...this.#to, noDelay: true });
    target.on("error", () => {});
    const terms = this.#terms();
    const lanes = [new Lane(client, target, terms), new Lane(target, client, terms)];
    const pair: Pair = { sockets: [client, target], lanes };
    this.#pairs.add(pair);
    const gone = () => {
      if (client.destroyed && target.destroyed) this.#pairs.delete(pair);
    };
    client.once("close", gone);
    target.once("close", gone);
  }

  #adopt(): void {
    const terms = this.#terms();
    for (const { lanes } of this.#pairs) for (const lane of lanes) lane.adopt(terms);
  }

  #end(how: "reset" | "cut"): void {
    for (const { sockets } of this.#pairs) {
      for (const socket of sockets) {
        if (how === "cut") socket.destroy();
        else socket.resetAndDestroy();
      }
    }
    this.#pairs.clear();
  }

  #suffers(kind: Impairment["kind"]): boolean {
    return [...this.#impairments].some((it) => it.kind === kind);
  }

  /** The combined impairments of bytes; null: none. */
  #terms(): Terms | null {
    const ofConnections = ["reset", "cut", "refuse"];
    const all = [...this.#impairments].filter(({ kind }) => !ofConnections.includes(kind));
    if (all.length === 0) return null;
    const latencies = all.map((it) => (it.kind === "latency" ? it.ms : 0));
    const limits = all.map((it) => (it.kind === "bandwidth" ? it.bytesPerSecond : Infinity));
    return {
      latencyMs: latencies.reduce((sum, ms) => sum + ms, 0),
      bytesPerSecond: Math.min(...limits),
      stalled: all.some(({ kind }) => kind === "stall"),
    };
  }
}
