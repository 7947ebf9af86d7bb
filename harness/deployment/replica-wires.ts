import type { Recorder } from "../history/history.ts";
import type { Turns } from "../history/turn.ts";
import type { Statements } from "../wires/database/statements.ts";
import type { Holds } from "../wires/hold.ts";
import type { SideCalls } from "../wires/model/side-calls.ts";
import type { Site } from "./backend.ts";
import type { Executor, WireAddress } from "../wires/address.ts";
import type { DatabaseWire } from "../wires/database/database-wire.ts";
import type { Impairment } from "../wires/database/impairment.ts";
import { type ModelWire, openModelWire } from "../wires/model/model-wire.ts";
import {
  type ImpairedModel,
  type ModelImpairment,
  ModelImpairments,
} from "../wires/model/model-impairment.ts";
import { StoredResponses } from "../wires/model/stored-responses.ts";
import { Ledger, openToolsWire, type ToolsWire } from "../wires/tools/tools-wire.ts";

export interface WiringOptions {
  readonly site: Site;
  readonly turns: Turns;
  readonly holds: Holds;
  readonly sides: SideCalls;
  readonly recorder: Recorder;
  /** Null: statements are not inspected. */
  readonly statements: Statements | null;
}

interface Wires {
  readonly model: ModelWire;
  readonly tools: ToolsWire;
  readonly database: DatabaseWire;
}

/**
 * The wires of one deployment. Each replica that we start has its own address for each, so the
 * executor of every call is known; the replicas of a service that is deployed already share them.
 */
export class Wiring implements AsyncDisposable {
  readonly #options: WiringOptions;
  readonly #stack = new AsyncDisposableStack();
  readonly #ledger = new Ledger();
  readonly #stored = new StoredResponses();
  readonly #impairments = new ModelImpairments();
  readonly #wires = new Map<string, Wires>();
  #shared = false;

  constructor(options: WiringOptions) {
    this.#options = options;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  /** What the templates of a replica that we start call its wires. */
  async namesOf(replica: string, databaseUrl: string): Promise<Record<string, string>> {
    const known = this.#wires.get(replica);
    const { model, tools, database } = known ?? (await this.#open(replica, databaseUrl));
    return { database: database.through(databaseUrl), model: model.url, tools: tools.url };
  }

  /** Opens the wires that a service that is deployed already has been told of. */
  async share(): Promise<void> {
    const { deployed } = this.#options.site;
    if (deployed === undefined || this.#shared) return;
    this.#shared = true;
    const { ports, executorOf } = deployed;
    const all = { replica: sharedName, executorOf };
    if (ports.model !== null) await this.#model(all, ports.model);
    if (ports.tools !== null) await this.#tools(all, ports.tools);
  }

  /** How often a replica has come through its database wire; null: nobody can tell. */
  connectionsOf(replica: string): number | null {
    return this.#wires.get(replica)?.database.connections ?? null;
  }

  /** So many connections to the database were refused so far, or closed at once. */
  get refused(): number {
    return [...this.#wires.values()].reduce((sum, { database }) => sum + database.refused, 0);
  }

  /** Impairs the database wires of all replicas alike. */
  async impair(impairment: Impairment): Promise<AsyncDisposable> {
    await using stack = new AsyncDisposableStack();
    for (const { database } of this.#wires.values()) stack.use(await database.impair(impairment));
    return stack.move();
  }

  /** Impairs the replies of the model, for all replicas alike. */
  impairModel(impairment: ModelImpairment): ImpairedModel {
    return this.#impairments.hold(impairment);
  }

  async #open(replica: string, databaseUrl: string): Promise<Wires> {
    const { site, statements } = this.#options;
    const watch = statements?.watch(replica);
    const wires = {
      model: await this.#model({ replica }),
      tools: await this.#tools({ replica }),
      database: this.#stack.use(await site.databaseWire(new URL(databaseUrl), watch)),
    };
    this.#wires.set(replica, wires);
    return wires;
  }

  async #model(whose: Whose, port = 0): Promise<ModelWire> {
    const { turns, holds, sides, recorder } = this.#options;
    const address = this.#addressAt(port);
    const shared = { ...whose, address, turns, holds, recorder, impairments: this.#impairments };
    return this.#stack.use(await openModelWire({ ...shared, sides, stored: this.#stored }));
  }

  async #tools(whose: Whose, port = 0): Promise<ToolsWire> {
    const { turns, holds, recorder } = this.#options;
    const address = this.#addressAt(port);
    const shared = { ...whose, address, turns, holds, recorder };
    return this.#stack.use(await openToolsWire({ ...shared, ledger: this.#ledger }));
  }

  #addressAt(port: number): WireAddress {
    return { ...this.#options.site.wires, port };
  }
}

interface Whose {
  readonly replica: string;
  readonly executorOf?: Executor;
}

/** A wire that all replicas share begins the names of its calls with this. */
const sharedName = "all";
