import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { images } from "./engine.ts";
import { freePort } from "../port.ts";
import { probe } from "../probe.ts";
import type { Container, Containers } from "./containers.ts";

const pollMs = 15;
const readyTimeoutMs = 30_000;

/** What the proxy has to know of the replicas behind it. */
export interface Behind {
  /** On which they listen. */
  readonly port: number;
  readonly readyPath: string;
  readonly readyStatus: readonly number[];
}

/** HAProxy in a container, in front of containers with the names that it was made for. */
export interface HaProxy {
  readonly url: URL;
  /** The name that the container of a replica must have: "1-a". */
  nameOf(replica: string): string;
  /** Which replicas its own checks believe to be ready. */
  believes(): Promise<ReadonlySet<string>>;
}

const configuration = new URL("../../wires/ingress/haproxy.cfg", import.meta.url);

/** The replicas that the configuration knows. */
const replicas = ["a", "b"] as const;

/**
 * Proxies are used again: a deployment takes one, and its replicas the names that it knows. So
 * their number is that of the deployments at once, and not that of the scenarios.
 */
export class HaProxies {
  readonly #containers: Containers;
  readonly #idle = new Map<string, HaProxy[]>();
  #made = 0;

  constructor(containers: Containers) {
    this.#containers = containers;
  }

  /** Dispose gives it back; the replicas must be gone by then. */
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
      async believes() {
        const said = await probe(statusUrl, "GET", 1_000);
        return new Set([...(said?.body ?? "").matchAll(/(\w+)=1/g)].map(([, name = ""]) => name));
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
    throw new Error(`HAProxy does not start in its container: docker logs ${container.id}`);
  }
}
