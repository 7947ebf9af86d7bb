import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { images } from "./engine.ts";
import { freePort } from "../port.ts";
import { probe } from "../probe.ts";
import type { Container, Containers } from "./containers.ts";

const pollMs = 15;
const readyTimeoutMs = 30_000;

/** What the proxy needs to know about its replicas. */
export interface Behind {
  /** The port on which they listen. */
  readonly port: number;
  readonly readyPath: string;
  readonly readyStatus: readonly number[];
}

/** HAProxy in a container, in front of containers with fixed names. */
export interface HaProxy {
  readonly url: URL;
  /** The required name for the container of a replica: "1-a". */
  nameOf(replica: string): string;
  /** The replicas that its health checks consider ready. */
  believedReady(): Promise<ReadonlySet<string>>;
}

const configuration = new URL("../../wires/ingress/haproxy.cfg", import.meta.url);

/** The replicas in HAProxy's configuration. */
const replicas = ["a", "b"] as const;

/**
 * A pool of proxies. A deployment takes one and gives its replicas the proxy's names. So there are
 * as many proxies as deployments at a time, not as many as scenarios.
 */
export class HaProxies {
  readonly #containers: Containers;
  readonly #idle = new Map<string, HaProxy[]>();
  #made = 0;

  constructor(containers: Containers) {
    this.#containers = containers;
  }

  /** Dispose returns the proxy to the pool; its replicas must have been removed by then. */
  async take(behind: Behind): Promise<HaProxy & AsyncDisposable> {
    const key = JSON.stringify(behind);
    const proxy = this.#idle.get(key)?.pop() ?? (await this.#make(behind));
    return {
      ...proxy,
      [Symbol.asyncDispose]: async () => {
        this.#idle.set(key, [...(this.#idle.get(key) ?? []), proxy]);
      },
    };
  }

  async #make(behind: Behind): Promise<HaProxy> {
    const slot = (this.#made += 1);
    const nameOf = (replica: string): string => `${slot}-${replica}`;
    const address = (replica: string) =>
      `${this.#containers.hostOf(nameOf(replica))}:${behind.port}`;
    const [outside, status] = [await freePort(), await freePort()];
    const container = await this.#containers.run({
      name: `proxy-${slot}`,
      image: images.ingress,
      environment: {
        ...Object.fromEntries(replicas.map((it) => [`REPLICA_${it.toUpperCase()}`, address(it)])),
        READY_PATH: behind.readyPath,
        READY_STATUS: behind.readyStatus.join(","),
      },
      publish: { 8080: outside, 8081: status },
      files: { "/usr/local/etc/haproxy/haproxy.cfg": readFileSync(configuration, "utf8") },
    });
    const statusUrl = new URL(`http://127.0.0.1:${status}`);
    await this.#listening(container, new URL("/healthz", statusUrl));
    return {
      url: new URL(`http://127.0.0.1:${outside}`),
      nameOf,
      async believedReady() {
        const response = await probe(statusUrl, "GET", 1_000);
        return new Set(
          [...(response?.body ?? "").matchAll(/(\w+)=1/g)].map(([, name = ""]) => name),
        );
      },
    };
  }

  async #listening(container: Container, health: URL): Promise<void> {
    let over = false;
    void container.ended.then(() => (over = true));
    const deadline = performance.now() + readyTimeoutMs;
    while (!over && performance.now() < deadline) {
      if ((await probe(health, "GET", 1_000))?.status === 200) return;
      await delay(pollMs);
    }
    throw new Error(`HAProxy did not start in its container: see docker logs ${container.id}`);
  }
}
