import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../machine/postgres/database.ts";
import type { DatabaseServer } from "../machine/postgres/postgres-server.ts";
import { survey } from "../machine/postgres/survey.ts";
import { onceSettled } from "../machine/postgres/until-stable.ts";
import type { Site } from "./backend.ts";
import { DeploymentWires } from "./deployment-wires.ts";
import type { Environment, Replica } from "./replica.ts";
import type { RunContext } from "./run-context.ts";

/** The place and the parameters of a deployment. */
export interface DeploymentOptions {
  readonly site: Site;
  /** The environment of a variant, on top of the target's. */
  readonly environment: Environment;
  /** Names of the replicas. */
  readonly replicas: readonly string[];
  readonly openDatabase: (of: "template" | "nothing") => Promise<Database>;
  /** A server for this deployment alone, which a fault may crash; null: the server is shared. */
  readonly server: DatabaseServer | null;
}

/** A thread to survey: our name of it, and the service's id. */
export interface Surveyed {
  readonly name: string;
  readonly threadId: unknown;
}

export interface SurveyOptions {
  /** The number of turns on the thread, if the survey is one point of a growth curve. */
  readonly turns?: number;
  readonly of?: Surveyed | readonly Surveyed[];
  /** Waits until the counts stop changing: a service may still write after it has answered. */
  readonly settled?: boolean;
}

/** The database that a boot starts on: migrated, empty, or empty and closed to CREATE. */
export type BootOn = "template" | "empty" | "empty, without CREATE";

/** After this time in milliseconds, a boot no longer waits for replicas at the starting line. */
const lineDeadlineMs = 30_000;

/** A running service: its replicas behind an ingress, its database, its wires. */
export class Deployment implements AsyncDisposable {
  readonly wires: DeploymentWires;
  readonly #context: RunContext;
  readonly #options: DeploymentOptions;
  #replicas: Replica[] = [];
  #database: Database | null = null;
  #boots = 0;
  /** Three times the duration of a boot: the limit for one that may never become ready. */
  #maxBootMs: number | undefined;

  constructor(context: RunContext, options: DeploymentOptions) {
    this.#context = context;
    this.#options = options;
    this.wires = new DeploymentWires(context, options.site);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.wires[Symbol.asyncDispose]();
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  get first(): Replica {
    return this.replica(0);
  }

  /** In a run with a single replica: the same one, restarted if it is down. */
  get other(): Replica {
    return this.replica(this.#replicas.length > 1 ? 1 : 0);
  }

  get database(): Database {
    if (this.#database === null) throw new Error("this deployment has not been booted");
    return this.#database;
  }

  /** The database server; only for scenarios that need "database-restart". */
  get server(): DatabaseServer {
    const { server } = this.#options;
    if (server !== null) return server;
    throw new Error(
      'the database server is shared: a scenario that crashes it needs "database-restart"',
    );
  }

  /** The number of boots. A boot removes the earlier database with its threads. */
  get boots(): number {
    return this.#boots;
  }

  replica(index: number): Replica {
    const found = this.#replicas[index];
    if (found !== undefined) return found;
    throw new Error(`no replica ${index}: the deployment has ${this.#replicas.length}`);
  }

  /** Open connections to the database; null: it is not ours, so we cannot count them. */
  async connections(): Promise<number | null> {
    if (this.#options.site.deployed !== undefined) return null;
    return this.database.connections();
  }

  /**
   * Ends an earlier boot and starts all replicas together on a new database. `race`: no replica can
   * create a table before all of them try to. Resolves with the replicas that did not become ready.
   */
  async boot(on: BootOn = "template", { race = false } = {}): Promise<readonly Replica[]> {
    await this.#end();
    const url = await this.#open(on);
    const { replicas } = this.#options;
    this.#replicas = await Promise.all(replicas.map((name) => this.#launch(name, url)));
    this.#boots += 1;
    // A service may never become ready on a database that it cannot prepare.
    const saysNotMs = on === "empty, without CREATE" ? this.#maxBootMs : undefined;
    const began = performance.now();
    await using line = race ? await this.database.startingLine() : null;
    const free = Promise.withResolvers<void>();
    const deadline = { saysNotMs, heldUntil: line === null ? undefined : free.promise };
    const starts = this.#replicas.map((replica) => replica.start({}, deadline));
    // A replica that ended, or that creates no tables, must not keep the others waiting.
    if (line !== null) {
      const atLatest = delay(lineDeadlineMs, undefined, { ref: false });
      await Promise.race([line.reached(starts.length), ...starts, atLatest]);
    }
    await line?.[Symbol.asyncDispose]();
    free.resolve();
    const ready = await Promise.all(starts);
    if (ready.every(Boolean)) this.#maxBootMs = 1_000 + 3 * (performance.now() - began);
    return this.#replicas.filter((_, i) => ready[i] === false);
  }

  /**
   * Kills a replica and starts it again. Resolves when it is ready, or has reported "not ready" for
   * long enough: with a fault in effect it may not become ready.
   */
  async restart(replica: Replica): Promise<void> {
    await replica.signal("SIGKILL");
    await replica.start({}, { saysNotMs: this.#maxBootMs });
  }

  /** Records rows and bytes per table, and those of one thread or several. */
  async survey(label: string, options: SurveyOptions = {}): Promise<void> {
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
    this.#context.recording.record({
      kind: "survey",
      label,
      turns,
      thread,
      tables,
      ofThread,
      orphans,
    });
  }

  /** Starts every replica that is down, and waits until each is ready. */
  async recover(): Promise<void> {
    await Promise.all(
      this.#replicas.map(async (replica) => {
        // A running process may be about to end: wait for its end or its answer.
        await replica.recovered();
        if (!replica.running) await replica.start();
      }),
    );
  }

  /**
   * Ends the replicas and their database. The wires stay, so the next boot has the same addresses.
   */
  async #end(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica[Symbol.asyncDispose]()));
    this.#replicas = [];
    await this.#database?.[Symbol.asyncDispose]();
    this.#database = null;
  }

  /** Opens the database of a deployment that we start; null: a deployed service has its own. */
  async #open(on: "template" | "empty" | "empty, without CREATE"): Promise<string | null> {
    const { site, openDatabase } = this.#options;
    if (site.deployed !== undefined) return null;
    this.#database = await openDatabase(on === "template" ? "template" : "nothing");
    if (on !== "empty, without CREATE") return this.#database.url;
    return this.#database.role({ create: false });
  }

  async #launch(name: string, databaseUrl: string | null): Promise<Replica> {
    const { site, environment } = this.#options;
    const { recording: recorder, statements } = this.#context;
    const isWatched = statements !== null;
    const wired =
      databaseUrl === null ? await this.wires.share() : await this.wires.namesOf(name, databaseUrl);
    const names = { replica: name, ...wired };
    return site.replica({ name, boot: this.#boots, environment, recorder, names, isWatched });
  }
}
