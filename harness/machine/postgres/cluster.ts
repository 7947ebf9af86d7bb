import pg from "pg";
import { Connection } from "./connection.ts";
import { ClonedDatabase, dropDatabase, endConnections } from "./database.ts";
import type { Database } from "./database.ts";

/** DROP DATABASE … WITH (FORCE) and pg_terminate_backend with a time-out came with these. */
const oldestMajor = 14;

/** The databases of a run on one server. Names: `threadproof_<run>_<number or t_template>`. */
export interface Cluster extends AsyncDisposable {
  /** Of the server, as it says it: "17.10". */
  readonly version: string;
  /** A database of its own: empty, or a copy of a template. */
  create(options?: { template?: string }): Promise<Database>;
  /**
   * Makes a template once, whoever asks first: `prepare` fills the empty database at `url`.
   * After a failure the next call tries again.
   */
  template(name: string, prepare: (url: string) => Promise<void>): Promise<void>;
}

/**
 * @param url of a user who may make databases (and roles, for `Database.role`).
 * @param runId lower-case letters and digits.
 * @param ours our own server: it goes with all that is in it, so nothing is dropped at the end.
 *   On somebody else's, databases of killed runs are dropped at the start, and ours at the end;
 *   any other database is left alone.
 * @throws Error in one sentence when the server is unreachable, refuses, or is too old.
 */
export async function openCluster(options: {
  url: string;
  runId: string;
  ours: boolean;
}): Promise<Cluster> {
  const { url, runId, ours } = options;
  if (!/^[a-z0-9]{1,24}$/.test(runId)) {
    throw new Error(`run id "${runId}" must be at most 24 lower-case letters and digits`);
  }
  if (!URL.canParse(url) || new URL(url).hostname === "") {
    throw new Error("a database address looks like postgres://user:password@host:5432/database");
  }
  const admin = new Connection(url, `threadproof ${runId}`);
  try {
    const [row] = await admin.query("SHOW server_version");
    const version = String(row?.["server_version"]).split(" ")[0] ?? "";
    if (Number.parseInt(version, 10) < oldestMajor) {
      throw new Error(
        `Postgres ${version} at ${new URL(url).host} is too old: ` +
          `version ${oldestMajor} or later is needed, or leave out --database-url`,
      );
    }
    if (!ours) await dropWhatKilledRunsLeft(admin);
    return new Databases({ url, runId, ours, admin, version });
  } catch (error) {
    await admin[Symbol.asyncDispose]();
    throw error;
  }
}

class Databases implements Cluster {
  readonly version: string;
  readonly #options: { url: string; runId: string; ours: boolean; admin: Connection };
  readonly #templates = new Map<string, Promise<void>>();
  readonly #made: AsyncDisposable[] = [];
  #count = 0;

  constructor(options: {
    url: string;
    runId: string;
    ours: boolean;
    admin: Connection;
    version: string;
  }) {
    this.version = options.version;
    this.#options = options;
  }

  async create({ template }: { template?: string } = {}): Promise<Database> {
    let from: string | null = null;
    if (template !== undefined) {
      const making = this.#templates.get(template);
      if (making === undefined) {
        const names = [...this.#templates.keys()].map((it) => `"${it}"`).join(", ") || "none";
        throw new Error(`no template "${template}"; there are: ${names}`);
      }
      await making;
      from = this.#nameOf(`t_${template}`);
    }
    return this.#make(this.#nameOf(String(++this.#count)), from);
  }

  template(name: string, prepare: (url: string) => Promise<void>): Promise<void> {
    let making = this.#templates.get(name);
    if (making === undefined) {
      making = this.#prepare(name, prepare);
      this.#templates.set(name, making);
      making.catch(() => this.#templates.delete(name));
    }
    return making;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#options.ours) {
        for (const database of this.#made.splice(0)) await database[Symbol.asyncDispose]();
      }
    } finally {
      await this.#options.admin[Symbol.asyncDispose]();
    }
  }

  async #prepare(name: string, prepare: (url: string) => Promise<void>): Promise<void> {
    const { admin } = this.#options;
    const database = await this.#make(this.#nameOf(`t_${name}`), null);
    try {
      await prepare(database.url);
      // A database with connections cannot be copied: the door is closed first, then all are
      // shown out, so that no pool of the migration comes back in between.
      const id = pg.escapeIdentifier(database.name);
      await admin.query(`ALTER DATABASE ${id} WITH ALLOW_CONNECTIONS false`);
      await endConnections(admin, database.name);
    } catch (cause) {
      // Best effort: what went wrong first is what is to be told.
      await Promise.resolve(database[Symbol.asyncDispose]()).catch(() => {});
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`the template database "${name}" cannot be made: ${why}`, { cause });
    }
  }

  async #make(name: string, template: string | null): Promise<Database> {
    const { admin, runId, url } = this.#options;
    const id = pg.escapeIdentifier(name);
    // template0, because nobody is ever connected to it (to template1, somebody may be).
    const from = template === null ? "template0" : pg.escapeIdentifier(template);
    // Copying the files costs 13 ms, logging every page of them 27 ms (PostgreSQL 17, in memory).
    const strategy = Number.parseInt(this.version, 10) >= 15 ? "STRATEGY file_copy" : "";
    await admin.query(`CREATE DATABASE ${id} TEMPLATE ${from} ${strategy}`);
    const address = new URL(url);
    address.pathname = `/${name}`;
    const application = `threadproof ${runId}`;
    const database = new ClonedDatabase({ name, url: address.href, admin, application });
    this.#made.push(database);
    return database;
  }

  #nameOf(rest: string): string {
    const name = `threadproof_${this.#options.runId}_${rest}`;
    // Postgres would cut it silently, and two templates could become one.
    if (Buffer.byteLength(name) > 63) throw new Error(`"${name}" is over Postgres's 63 bytes`);
    return name;
  }
}

/** A run that is alive has a connection with its name on it; one without was killed. */
async function dropWhatKilledRunsLeft(admin: Connection): Promise<void> {
  const left = await admin.query(
    `SELECT kind, name FROM (
       SELECT 1 AS kind, datname AS name FROM pg_database
       UNION ALL SELECT 2, rolname FROM pg_roles WHERE NOT rolsuper) it
     WHERE name ~ '^threadproof_[a-z0-9]+_' AND NOT EXISTS (
       SELECT FROM pg_stat_activity
       WHERE application_name = 'threadproof ' || split_part(name, '_', 2))
     ORDER BY kind`,
  );
  for (const row of left) {
    const name = String(row["name"]);
    const drop = `DROP ROLE IF EXISTS ${pg.escapeIdentifier(name)}`;
    // Not ours to drop, or another run is just doing it: then it stays, and nothing depends on it.
    await admin.query(row["kind"] === 1 ? dropDatabase(name) : drop).catch(() => {});
  }
}
