import type { Backend, DeployedParts, Site } from "../backend.ts";
import type { Launch } from "../replica.ts";
import { HookFailed, Hooks, type HooksOptions } from "./hooks.ts";
import { Connection } from "../../machine/postgres/connection.ts";
import type { Token } from "../../history/token.ts";
import { capabilitiesIn, deployedLacksOf } from "../../config/lacking.ts";
import type { Target, UrlTarget } from "../../config/configuration.ts";
import type { WireAddress } from "../../wires/address.ts";
import { Ingress } from "../../wires/ingress/ingress.ts";
import { type Deployed, UrlReplica } from "./url-replica.ts";

export interface UrlBackendOptions extends HooksOptions {
  readonly runId: string;
  /** Whether hooks that end or cut off something may run. */
  readonly hooksAllowed: boolean;
}

/**
 * Services that are deployed already, behind our ingress. Faults act on them only through their
 * hooks. Dispose restarts the replicas that a scenario left down, and ends none.
 */
export function urlBackend(options: UrlBackendOptions): Backend & AsyncDisposable {
  const sites = new Set<UrlSite>();
  const over = new AbortController();
  const lacksOf = (target: Target) => deployedLacksOf(urlOf(target), options.hooksAllowed);
  return {
    name: "url",
    unfit: ({ kind }) => (kind === "url" ? null : "the target is started by a command line"),
    replicas: (target) => [...placesOf(urlOf(target)).keys()],
    capabilities: (target) => capabilitiesIn(lacksOf(target)),
    remedy: (target, lacked) => lacksOf(target)[lacked],
    async open({ target }) {
      over.signal.throwIfAborted();
      const leave = () => void sites.delete(site);
      const home = { target: urlOf(target), options, over: over.signal };
      const site = await UrlSite.open(home, leave);
      sites.add(site);
      return site;
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error("the run is over, so the service is not touched"));
      await Promise.all([...sites].map((site) => site[Symbol.asyncDispose]()));
    },
  };
}

interface Home {
  readonly target: UrlTarget;
  readonly options: UrlBackendOptions;
  readonly over: AbortSignal;
}

class UrlSite implements Site {
  readonly deployed: DeployedParts;
  readonly #home: Home;
  readonly #leave: () => void;
  readonly #ingress: Ingress;
  readonly #hooks: Hooks;
  readonly #replicas: Map<string, UrlReplica>;
  #cut = false;

  private constructor(
    home: Home,
    parts: { ingress: Ingress; replicas: Map<string, UrlReplica> },
    leave: () => void,
  ) {
    const { target, options } = home;
    this.#home = home;
    this.#leave = leave;
    this.#ingress = parts.ingress;
    this.#replicas = parts.replicas;
    this.#hooks = new Hooks(target.hooks, options);
    const { model = null, tools = null } = target.wires;
    this.deployed = {
      ports: { model, tools },
      database: target.database === undefined ? null : lookedAt(target.database.url, options.runId),
      executorOf: (token) => this.#executorOf(token),
      cutDatabase: () => this.#cutDatabase(),
    };
  }

  static async open(home: Home, leave: () => void): Promise<UrlSite> {
    const replicas = new Map<string, UrlReplica>();
    const ingress = await Ingress.open(() => [...replicas.values()]);
    return new UrlSite(home, { ingress, replicas }, leave);
  }

  get ingress(): URL {
    return this.#ingress.url;
  }

  get wires(): WireAddress {
    return { listen: this.#home.target.wires.listen, reach: "127.0.0.1" };
  }

  async replica(launch: Launch): Promise<UrlReplica> {
    const { target, over } = this.#home;
    const place = placesOf(target).get(launch.name);
    if (place === undefined) throw new Error(`no replica ${launch.name} in the target's addresses`);
    const { ready, promises } = target;
    const hooks = this.#hooks;
    const replica = new UrlReplica(launch, {
      ...place,
      ready,
      hooks,
      over,
      drainMs: promises.drainMs,
    });
    this.#replicas.set(launch.name, replica);
    return replica;
  }

  databaseWire(): never {
    throw new Error("a deployed service already has its database");
  }

  migrate(): never {
    throw new Error("a deployed service has already migrated its database");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#replicas.values()].map((it) => it[Symbol.asyncDispose]()));
    // If this fails too, the next scenario finds the database cut off and reports it.
    if (this.#cut) await this.#hooks.run("healDatabase", null).catch(() => {});
    await this.deployed.database?.[Symbol.asyncDispose]();
    await this.#ingress[Symbol.asyncDispose]();
    this.#leave();
  }

  async #cutDatabase(): Promise<AsyncDisposable> {
    this.#home.over.throwIfAborted();
    this.#cut = true;
    await this.#hooks.run("cutDatabase", null);
    return {
      [Symbol.asyncDispose]: async () => {
        await this.#hooks.run("healDatabase", null);
        this.#cut = false;
      },
    };
  }

  /** The replica that received the turn runs it, unless turns are queued. */
  #executorOf(token: Token | null): string {
    const [only, second] = this.#replicas.keys();
    if (only !== undefined && second === undefined) return only;
    const received = token === null ? null : this.#ingress.receiverOf(token);
    return isQueued(this.#home.target) ? unknownExecutor : (received ?? unknownExecutor);
  }
}

/** For calls of an unknown replica. */
const unknownExecutor = "?";

function isQueued({ say }: UrlTarget): boolean {
  return (
    typeof say !== "function" &&
    typeof say.reply === "object" &&
    "kind" in say.reply &&
    say.reply.kind === "job"
  );
}

/** A failing query is neither the service's failure nor ours. */
function lookedAt(url: string, runId: string): DeployedParts["database"] {
  const connection = new Connection(url, `threadproof ${runId}`, "database.url");
  return {
    async query(sql, params) {
      try {
        return await connection.query(sql, params);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new HookFailed(`the target's database cannot be queried: ${why}`, { cause });
      }
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** The address of each replica by name. One address without a pin counts as one replica. */
function placesOf({ address, pin }: UrlTarget): Map<string, Place> {
  const pinned = pin === undefined ? ["a"] : pin.replicas;
  const all: [string, Place][] =
    typeof address === "string"
      ? pinned.map((name) => [
          name,
          placeOf(address, pin === undefined ? {} : { [pin.header]: name }),
        ])
      : Object.entries(address).map(([name, it]) => [name, placeOf(it, {})]);
  return new Map(all);
}

type Place = Pick<Deployed, "url" | "headers">;

/** Sends name and password of an address as Basic auth, as browsers do. */
function placeOf(address: string, headers: Readonly<Record<string, string>>): Place {
  const url = new URL(address);
  const { username, password } = url;
  if (username === "" && password === "") return { url, headers };
  url.username = "";
  url.password = "";
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(both).toString("base64")}`;
  return { url, headers: { authorization, ...headers } };
}

function urlOf(target: Target): UrlTarget {
  if (target.kind === "url") return target;
  throw new Error("a target that is started by a command line has no address");
}
