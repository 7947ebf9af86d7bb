import type { Backend, DeployedParts, Launch, Site } from "../deployment.ts";
import { Hooks, type HooksOptions } from "../hooks.ts";
import { Connection } from "../postgres/connection.ts";
import type { Random } from "../random.ts";
import { capabilitiesIn, deployedLacksOf } from "../target/capabilities.ts";
import type { Target, UrlTarget } from "../target/configuration.ts";
import { Ingress, type Routing } from "../wires/ingress.ts";
import { UrlReplica } from "./url-replica.ts";

export interface UrlBackendOptions extends HooksOptions {
  readonly runId: string;
  /** Whether hooks that end or cut off something may be run. */
  readonly hooksAllowed: boolean;
}

/**
 * Services that are deployed already: an ingress of ours stands in front of them, and what may be
 * done to them is what their hooks do. Dispose starts no replica and ends none, but for those that
 * a scenario has left down.
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
    async open({ target, random }) {
      over.signal.throwIfAborted();
      const leave = () => void sites.delete(site);
      const home = { target: urlOf(target), options, over: over.signal };
      const site = await UrlSite.open(home, random, leave);
      sites.add(site);
      return site;
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error("the run is over: nothing is done to the service any more"));
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

  private constructor(home: Home, parts: { ingress: Ingress; replicas: Map<string, UrlReplica> }, leave: () => void) {
    const { target, options } = home;
    this.#home = home;
    this.#leave = leave;
    this.#ingress = parts.ingress;
    this.#replicas = parts.replicas;
    this.#hooks = new Hooks(target.hooks, options);
    const { listen, model = null, tools = null } = target.wires;
    this.deployed = {
      wires: { listen, model, tools },
      database:
        target.database === undefined
          ? null
          : new Connection(target.database.url, `threadproof ${options.runId}`),
      executorOf: (token) => this.#executorOf(token),
      cutDatabase: () => this.#cutDatabase(),
    };
  }
