import pg from "pg";
import { Connection } from "./connection.ts";
import { ClonedDatabase, dropDatabase, endConnections } from "./database.ts";
import type { Database } from "./database.ts";

/** The first version whose pg_terminate_backend has a time-out (DROP DATABASE … FORCE: 13). */
const oldestMajor = 14;

/** The databases of a run on one server. Names: `threadproof_<run>_<number or t_template>`. */
export interface Cluster extends AsyncDisposable {
  /** The server's version: "17.10". */
  readonly version: string;
  /** Creates a new database: empty, or a copy of a template. */
  create(options?: { template?: string }): Promise<Database>;
  /**
   * Creates a template once: the first caller's `prepare` fills the empty database at `url`. After
   * a failure the next call tries again.
   */
  template(name: string, prepare: (url: string) => Promise<void>): Promise<void>;
}

/**
 * @param url for a user who may create databases (and roles, for `Database.role`).
 * @param runId lower-case letters and digits.
 * @param ours true: the server is removed after the run, so no database is dropped at the end.
 *   False: databases of killed runs are dropped at the start, and those of this run at the end.
 *   Other databases are not touched.
 * @throws Error if the server is unreachable, refuses the user, or is too old.
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
          `use version ${oldestMajor} or later, or leave out --database-url`,
      );
    }
    if (!ours) await dropLeftoversOfKilledRuns(admin);
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
        throw new Error(`no template "${template}"; templates: ${names}`);
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
      // Postgres cannot copy a database with connections. First no new ones are allowed, then all
      // are ended, so that a pool of the migration cannot reconnect in between.
      const id = pg.escapeIdentifier(database.name);
      await admin.query(`ALTER DATABASE ${id} WITH ALLOW_CONNECTIONS false`);
      await endConnections(admin, database.name);
    } catch (cause) {
      // Best effort: the first error is the one to report.
      await Promise.resolve(database[Symbol.asyncDispose]()).catch(() => {});
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`cannot create the template database "${name}": ${why}`, { cause });
    }
  }

  async #make(name: string, template: string | null): Promise<Database> {
    const { admin, runId, url } = this.#options;
    const id = pg.escapeIdentifier(name);
    // template0 accepts no connections; template1 may have some, and then cannot be copied.
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
    // Postgres would truncate it silently, and two templates could become one.
    if (Buffer.byteLength(name) > 63) {
      throw new Error(`the name "${name}" is longer than the 63 bytes that Postgres allows`);
    }
    return name;
  }
}

/** A living run has a connection with its run id as application name; a killed run has none. */
async function dropLeftoversOfKilledRuns(admin: Connection): Promise<void> {
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
    // Best effort: we may lack the permission, or another run may be dropping it.
    await admin.query(row["kind"] === 1 ? dropDatabase(name) : drop).catch(() => {});
  }
}
