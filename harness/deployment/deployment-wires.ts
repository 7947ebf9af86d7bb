import type { Token } from "../history/token.ts";
import type { Executor, WireAddress } from "../wires/address.ts";
import type { DatabaseWire } from "../wires/database/database-wire.ts";
import type { Impairment } from "../wires/database/impairment.ts";
import type { FailingStatements } from "../wires/database/statements.ts";
import { type Loss, ReplyDropper } from "../wires/ingress/reply-dropper.ts";
import { ModelImpairments } from "../wires/model/model-impairment.ts";
import { type ModelWire, openModelWire } from "../wires/model/model-wire.ts";
import { PromptHabits } from "../wires/model/prompt-habits.ts";
import { StoredResponses } from "../wires/model/stored-responses.ts";
import { Ledger, openToolsWire, type ToolsWire } from "../wires/tools/tools-wire.ts";
import type { Site } from "./backend.ts";
import type { RunContext } from "./run-context.ts";

/** The ingress: the address for clients. */
export interface IngressSide {
  readonly url: URL;
  /** Drops the first successful reply to a turn; disposing ends that. */
  loseReply(token: Token): Promise<Loss>;
}

/** The database wires of all replicas. */
export interface DatabaseSide {
  /** The number of a replica's connections so far; null: this kind of wire does not count. */
  connectionsOf(replica: string): number | null;
  /** The number of connections that were refused, or closed at once. */
  readonly refused: number;
  /** Impairs the wires of all replicas alike; disposing heals them. */
  impair(impairment: Impairment): Promise<AsyncDisposable>;
  /** Answers each statement of a name with an error. Needs the capability "statements". */
  failStatements(name: string, sqlstate: string): FailingStatements;
}

interface ReplicaWires {
  readonly model: ModelWire;
  readonly tools: ToolsWire;
  readonly database: DatabaseWire;
}

/**
 * The wires of one deployment: each fault uses the wire it impairs. Each replica that we start has
 * its own address for each wire, so the executor of every call is known. The replicas of a deployed
 * service share their addresses.
 */
export class DeploymentWires implements AsyncDisposable {
  /** Impairs the model's replies, for all replicas alike. */
  readonly model = new ModelImpairments();
  /** The effects that tools had, by idempotency key. */
  readonly tools = new Ledger();
  readonly ingress: IngressSide;
  readonly database: DatabaseSide;
  readonly #context: RunContext;
  readonly #site: Site;
  readonly #stack = new AsyncDisposableStack();
  readonly #stored = new StoredResponses();
  readonly #habits: PromptHabits;
  readonly #wires = new Map<string, ReplicaWires>();
  #dropper: ReplyDropper | null = null;
  #isShared = false;

  constructor(context: RunContext, site: Site) {
    this.#context = context;
    this.#habits = new PromptHabits(context.recording.header.habits);
    this.#site = site;
    this.ingress = this.#ingressSide();
    this.database = this.#databaseSide();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  /** The values of a replica's template variables for its wires. Opens the wires at first. */
  async namesOf(replica: string, databaseUrl: string): Promise<Record<string, string>> {
    const known = this.#wires.get(replica);
    const { model, tools, database } = known ?? (await this.#open(replica, databaseUrl));
    return { database: database.through(databaseUrl), model: model.url, tools: tools.url };
  }

  /** Opens the wires whose addresses a service that is deployed already was configured with. */
  async share(): Promise<void> {
    const { deployed } = this.#site;
    if (deployed === undefined || this.#isShared) return;
    this.#isShared = true;
    const { ports, executorOf } = deployed;
    const all = { replica: sharedName, executorOf };
    if (ports.model !== null) await this.#openModel(all, ports.model);
    if (ports.tools !== null) await this.#openTools(all, ports.tools);
  }

  #ingressSide(): IngressSide {
    const inner = () => this.#site.ingress;
    const dropper = () => this.#dropper;
    return {
      get url() {
        return dropper()?.url ?? inner();
      },
      loseReply: async (token) => {
        // It remains until dispose: closing it would break off requests that pass through it.
        this.#dropper ??= this.#stack.use(await ReplyDropper.open(inner));
        return this.#dropper.lose(token);
      },
    };
  }

  #databaseSide(): DatabaseSide {
    const wires = () => [...this.#wires.values()].map(({ database }) => database);
    const { deployed } = this.#site;
    const { statements } = this.#context;
    return {
      connectionsOf: (replica) => this.#wires.get(replica)?.database.connections ?? null,
      get refused() {
        return wires().reduce((sum, { refused }) => sum + refused, 0);
      },
      impair: async (impairment) => {
        if (deployed !== undefined) return impairDeployed(deployed, impairment);
        await using stack = new AsyncDisposableStack();
        for (const wire of wires()) stack.use(await wire.impair(impairment));
        return stack.move();
      },
      failStatements(name, sqlstate) {
        if (statements !== null) return statements.fail(name, sqlstate);
        throw new Error('statements are not inspected: the scenario must need "statements"');
      },
    };
  }

  async #open(replica: string, databaseUrl: string): Promise<ReplicaWires> {
    const watch = this.#context.statements?.watch(replica);
    const wires = {
      model: await this.#openModel({ replica }),
      tools: await this.#openTools({ replica }),
      database: this.#stack.use(await this.#site.databaseWire(new URL(databaseUrl), watch)),
    };
    this.#wires.set(replica, wires);
    return wires;
  }

  async #openModel(owner: Owner, port = 0): Promise<ModelWire> {
    const { turns, holds, sides, recording: recorder } = this.#context;
    const address = this.#addressAt(port);
    const provider = { sides, stored: this.#stored, habits: this.#habits, impairments: this.model };
    const shared = { ...owner, address, turns, holds, recorder };
    return this.#stack.use(await openModelWire({ ...shared, ...provider }));
  }

  async #openTools(owner: Owner, port = 0): Promise<ToolsWire> {
    const { turns, holds, recording: recorder } = this.#context;
    const shared = { ...owner, address: this.#addressAt(port), turns, holds, recorder };
    return this.#stack.use(await openToolsWire({ ...shared, ledger: this.tools }));
  }

  #addressAt(port: number): WireAddress {
    return { ...this.#site.wires, port };
  }
}

function impairDeployed(
  { cutDatabase }: NonNullable<Site["deployed"]>,
  { kind }: Impairment,
): Promise<AsyncDisposable> {
  if (kind === "cut") return cutDatabase();
  throw new Error(`no hook can impair a database by "${kind}": use the capability "database"`);
}

interface Owner {
  readonly replica: string;
  readonly executorOf?: Executor;
}

/** The owner's name of a wire that all replicas share. */
const sharedName = "all";
