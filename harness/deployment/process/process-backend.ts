import type { Backend, Site } from "../backend.ts";
import type { Launch } from "../replica.ts";
import { capabilitiesIn, lacksOf } from "../../config/lacking.ts";
import { commandOf } from "../../config/configuration.ts";
import { loopback } from "../../wires/address.ts";
import { type DatabaseWire, openDatabaseWire } from "../../wires/database/database-wire.ts";
import { Ingress } from "../../wires/ingress/ingress.ts";
import type { Watch } from "../../wires/database/statement-proxy.ts";
import { libfaketime } from "../clock.ts";
import { type Home, migrate, type ProcessBackendOptions } from "./launch.ts";
import { freePort } from "../../machine/port.ts";
import { ProcessReplica } from "./process-replica.ts";
import { twoReplicas } from "../supervised-replica.ts";

/**
 * Replicas as child processes, each in its own process group. Dispose ends them all and prevents
 * further starts: an interrupted scenario runs on for a moment, and would restart killed replicas.
 */
export function processBackend(options: ProcessBackendOptions): Backend & AsyncDisposable {
  const sites = new Set<ProcessSite>();
  const over = new AbortController();
  return {
    name: "process",
    unfit: ({ kind }) => (kind === "command" ? null : "the target is deployed already"),
    capabilities: (target) => {
      const lacks = lacksOf(commandOf(target));
      const clock = libfaketime() === null ? lacks.clock : null;
      return capabilitiesIn({ ...lacks, clock }).filter(
        (it) => it !== "database-restart" || options.ownDatabase,
      );
    },
    replicas: () => twoReplicas,
    remedy: (target, lacked) =>
      lacksOf(commandOf(target))[lacked] ??
      "threadproof did not start the database server, so it may not end it",
    async open({ target }) {
      await options.build(commandOf(target));
      over.signal.throwIfAborted();
      const leave = () => void sites.delete(site);
      const site = await ProcessSite.open(
        { target: commandOf(target), options, over: over.signal },
        leave,
      );
      sites.add(site);
      return site;
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error("the run is over, so no replica is started"));
      await Promise.all([...sites].map((site) => site[Symbol.asyncDispose]()));
    },
  };
}

/** On loopback: our ingress, one link per replica, and the child processes. */
class ProcessSite implements Site {
  readonly wires = loopback;
  readonly #home: Home;
  readonly #leave: () => void;
  readonly #ingress: Ingress;
  readonly #replicas: Map<string, ProcessReplica>;

  private constructor(
    home: Home,
    leave: () => void,
    ingress: Ingress,
    replicas: Map<string, ProcessReplica>,
  ) {
    this.#home = home;
    this.#leave = leave;
    this.#ingress = ingress;
    this.#replicas = replicas;
  }

  static async open(home: Home, leave: () => void): Promise<ProcessSite> {
    const replicas = new Map<string, ProcessReplica>();
    const ingress = await Ingress.open(() => [...replicas.values()]);
    return new ProcessSite(home, leave, ingress, replicas);
  }

  get ingress(): URL {
    return this.#ingress.url;
  }

  databaseWire(upstream: URL, watch?: Watch): Promise<DatabaseWire> {
    return openDatabaseWire(upstream, watch);
  }

  async replica(launch: Launch): Promise<ProcessReplica> {
    const port = await freePort();
    this.#home.over.throwIfAborted();
    const replica = new ProcessReplica(launch, this.#home, port);
    this.#replicas.set(launch.name, replica);
    return replica;
  }

  migrate(launch: Launch): Promise<void> {
    return migrate(launch, this.#home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#replicas.values()].map((it) => it[Symbol.asyncDispose]()));
    await this.#ingress[Symbol.asyncDispose]();
    this.#leave();
  }
}
