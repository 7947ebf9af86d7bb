import { setTimeout as delay } from "node:timers/promises";
import type { Token } from "../history/token.ts";
import type { Database } from "../machine/postgres/database.ts";
import type { DatabaseServer } from "../machine/postgres/postgres-server.ts";
import { onceSettled } from "../machine/postgres/until-stable.ts";
import { survey } from "../machine/postgres/survey.ts";
import type { Environment, Replica } from "./replica.ts";
import type { Random } from "../history/random.ts";
import type { Target } from "../config/configuration.ts";
import type { Impairment } from "../wires/database/impairment.ts";
import type { Routing } from "../wires/ingress/ingress.ts";
import { type Loss, LossyFront } from "../wires/ingress/reply-dropper.ts";
import type { ImpairedModel, ModelImpairment } from "../wires/model/model-impairment.ts";
import type { FailingStatements } from "../wires/database/statements.ts";
import { Wiring, type WiringOptions } from "./replica-wires.ts";

export interface DeploymentOptions extends WiringOptions {
  readonly target: Target;
  /** On top of the target's environment: that of a variant. */
  readonly environment: Environment;
  /** Their names. */
  readonly replicas: readonly string[];
  readonly random: Random;
  readonly openDatabase: (of: "template" | "nothing") => Promise<Database>;
  /** Of this deployment alone, so that it may be ended; null: it is shared. */
  readonly server: DatabaseServer | null;
}

/** A thread that is surveyed: its name with us, and its id with the service. */
interface Surveyed {
  readonly name: string;
  readonly threadId: unknown;
}

/** Who has not come to the starting line after so long, in milliseconds, is not waited for. */
const lineAtMostMs = 30_000;

/** A running target: its replicas behind an ingress, its database, its wires. */
export class Deployment implements AsyncDisposable {
  readonly #options: DeploymentOptions;
  readonly #stack = new AsyncDisposableStack();
  readonly #wiring: Wiring;
  #replicas: Replica[] = [];
  #database: Database | null = null;
  #front: LossyFront | null = null;
  #boots = 0;
  /** What a start took, three times over: enough for one that may never succeed. */
  #patienceMs: number | undefined;

  constructor(options: DeploymentOptions) {
    this.#options = options;
    this.#wiring = this.#stack.use(new Wiring(options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.#stack.disposeAsync();
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  get first(): Replica {
    return this.replica(0);
  }

  /** With a single replica this is the first one again, restarted where it is down. */
  get other(): Replica {
    return this.replica(this.#replicas.length > 1 ? 1 : 0);
  }

  get database(): Database {
    if (this.#database === null) throw new Error("this deployment has not been booted");
    return this.#database;
  }

  /** The database server; only where the scenario needs "database-restart". */
  get server(): DatabaseServer {
    const { server } = this.#options;
    if (server !== null) return server;
    throw new Error(
      'the database server is shared: a scenario that ends it needs "database-restart"',
    );
  }

  /** Where clients come in. */
  get ingress(): URL {
    return this.#front?.url ?? this.#options.site.ingress;
  }

  /** How many times it was booted: threads of an earlier boot are gone with its database. */
  get boots(): number {
    return this.#boots;
  }

  replica(index: number): Replica {
    const found = this.#replicas[index];
    if (found !== undefined) return found;
    throw new Error(`no replica ${index}; there are ${this.#replicas.length}`);
  }

  route(routing: Routing): void {
    this.#options.site.route(routing);
  }

  /** Loses the first good answer to a turn; once disposed of, no more. */
  async loseReply(token: Token): Promise<Loss> {
    // It stays: taken away, it would break off what is on its way through it.
    this.#front ??= this.#stack.use(await LossyFront.open(() => this.#options.site.ingress));
    return this.#front.lose(token);
  }

  /** How often a replica has connected to the database; null: nobody can tell. */
  connectionsOf(replica: string): number | null {
    return this.#wiring.connectionsOf(replica);
  }

  /** So many connections to the database were refused so far. */
  get refusedConnections(): number {
    return this.#wiring.refused;
  }

  /** Answers each statement of a name with an error. Only with the capability "statements". */
  failStatements(name: string, sqlstate: string): FailingStatements {
    const { statements } = this.#options;
    if (statements !== null) return statements.fail(name, sqlstate);
    throw new Error('nobody looks at statements: a scenario that fails some needs "statements"');
  }

  /** Impairs the database wires of all replicas alike. */
  impair(impairment: Impairment): Promise<AsyncDisposable> {
    const { deployed } = this.#options.site;
    if (deployed === undefined) return this.#wiring.impair(impairment);
    if (impairment.kind === "cut") return deployed.cutDatabase();
    throw new Error(`no hook makes a database ${impairment.kind}: that needs "database"`);
  }

  /** Impairs the replies of the model; healed by disposing of what comes back. */
  impairModel(impairment: ModelImpairment): ImpairedModel {
    return this.#wiring.impairModel(impairment);
  }

  /** Open connections to the database; null where it is not ours, and nobody counts them. */
  async connections(): Promise<number | null> {
    if (this.#options.site.deployed !== undefined) return null;
    return this.database.connections();
  }

  /**
   * Starts all replicas together, on a database of their own; an earlier boot is ended first.
   * `on`: the migrated template, an empty database, or an empty one on which the service's role may
   * not create anything. `race`: none may make a table before all of them are about to.
   * Resolves once each is ready, or will not be, to those that are not.
   */
  async boot(
    on: "template" | "empty" | "empty, without CREATE" = "template",
    { race = false } = {},
  ): Promise<readonly Replica[]> {
    await this.#end();
    const url = await this.#open(on);
    const { replicas } = this.#options;
    this.#replicas = await Promise.all(replicas.map((name) => this.#launch(name, url)));
    this.#boots += 1;
    // On a database that it may not prepare a service may never be ready.
    const saysNotMs = on === "empty, without CREATE" ? this.#patienceMs : undefined;
    const began = performance.now();
    await using line = race ? await this.database.startingLine() : null;
    const free = Promise.withResolvers<void>();
    const patience = { saysNotMs, heldUntil: line === null ? undefined : free.promise };
    const starts = this.#replicas.map((replica) => replica.start({}, patience));
    // One that waits for nothing, because it ended or needs no tables, must not keep the others.
    if (line !== null) {
      const atLatest = delay(lineAtMostMs, undefined, { ref: false });
      await Promise.race([line.reached(starts.length), ...starts, atLatest]);
    }
    await line?.[Symbol.asyncDispose]();
    free.resolve();
    const ready = await Promise.all(starts);
    if (ready.every(Boolean)) this.#patienceMs = 1_000 + 3 * (performance.now() - began);
    return this.#replicas.filter((_, i) => ready[i] === false);
  }

  /**
   * Kills a replica and starts it again, where something is wrong and it need not get ready: waits
   * until it is, or has said for long enough that it is not.
   */
  async restart(replica: Replica): Promise<void> {
    await replica.signal("SIGKILL");
    await replica.start({}, { saysNotMs: this.#patienceMs });
  }

  /**
   * Measures the database: rows and bytes per table, and of one thread, or of several. `turns` says
   * how many turns that thread has had, where the survey is one point of a curve. `settled`: what a
   * service still writes when it has answered is waited for, but for one that writes on and on.
   */
  async survey(
    label: string,
    options: {
      readonly turns?: number;
      readonly of?: Surveyed | readonly Surveyed[];
      readonly settled?: boolean;
    } = {},
  ): Promise<void> {
    const { of = [], turns = null, settled = false } = options;
    const several = [of].flat();
    const threadIds = several
      .map(({ threadId }) => threadId ?? null)
      .filter((id) => id !== null)
      .map((id) => (typeof id === "string" ? id : JSON.stringify(id)));
    const measure = () =>
      survey(this.#options.site.deployed?.database ?? this.database, {
        threadIds: threadIds.length === 0 ? null : threadIds,
      });
    const { tables, ofThread, orphans } = await (settled ? onceSettled(measure) : measure());
    const thread = (several.length === 1 ? several[0]?.name : undefined) ?? null;
    const { recorder } = this.#options;
    recorder.record({ kind: "survey", label, turns, thread, tables, ofThread, orphans });
  }

  /** Starts every replica that is down, and waits until each is ready. */
  async recover(): Promise<void> {
    await Promise.all(
      this.#replicas.map(async (replica) => {
        // One that looks alive may be about to end: only its end or its answer tells.
        await replica.recovered();
        if (!replica.running) await replica.start();
      }),
    );
  }

  /** Ends the replicas and their database. The wires stay: a next boot has the same addresses. */
  async #end(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica[Symbol.asyncDispose]()));
    this.#replicas = [];
    await this.#database?.[Symbol.asyncDispose]();
    this.#database = null;
  }

  /** Its database, for a deployment that we start; null: one that is there has its own. */
  async #open(on: "template" | "empty" | "empty, without CREATE"): Promise<string | null> {
    const { site, openDatabase } = this.#options;
    if (site.deployed !== undefined) return null;
    this.#database = await openDatabase(on === "template" ? "template" : "nothing");
    if (on !== "empty, without CREATE") return this.#database.url;
    return this.#database.role({ create: false });
  }

  async #launch(name: string, databaseUrl: string | null): Promise<Replica> {
    const { site, recorder, environment, statements } = this.#options;
    const isWatched = statements !== null;
    const wired =
      databaseUrl === null
        ? await this.#wiring.share()
        : await this.#wiring.namesOf(name, databaseUrl);
    const names = { replica: name, ...wired };
    return site.replica({ name, boot: this.#boots, environment, recorder, names, isWatched });
  }
}
