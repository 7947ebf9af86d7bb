import { randomBytes } from "node:crypto";
import pg from "pg";
import { Connection } from "./connection.ts";
import type { Row } from "./connection.ts";
import { lockTables } from "./locked-tables.ts";
import type { LockedTables } from "./locked-tables.ts";
import { placesIn, savedPlaces } from "./table-names.ts";
import { makeReadOnly } from "./read-only.ts";
import type { ReadOnly } from "./read-only.ts";
import { installRowTrigger } from "./row-trigger.ts";
import type { RowTrigger } from "./row-trigger.ts";
import { openStartingLine } from "./starting-line.ts";
import type { StartingLine } from "./starting-line.ts";

const terminateTimeoutMs = 5_000;

/** The database of one scenario. Dispose ends its connections, and drops it with its roles. */
export interface Database extends AsyncDisposable {
  readonly name: string;
  /** The address for its owner, who has all privileges. */
  readonly url: string;
  /** Queries on the harness's connection, one at a time. @throws the error of pg. */
  query(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /**
   * Creates a login role, and returns the address for it. The role can read and write the rows of
   * all tables, later ones included. With `create` it can also create tables in "public".
   */
  role(options: { create: boolean }): Promise<string>;
  /** Until dispose, each row into which a turn is saved takes `ms` longer to write. */
  slowSaves(ms: number): Promise<RowTrigger>;
  /** Until dispose, the disk is full: inserts and updates fail, reads and deletes succeed. */
  refuseWrites(): Promise<RowTrigger>;
  /** Ends all sessions but the harness's. Until dispose, new ones can only read. */
  readOnly(): Promise<ReadOnly>;
  /** Until dispose, a transaction locks the tables into which turns are saved. */
  lockTables(against: "writes" | "everything"): Promise<LockedTables>;
  /** Until dispose, no client can create a table; then all that tried go on at the same moment. */
  startingLine(): Promise<StartingLine>;
  /** The number of connections, without the harness's. */
  connections(): Promise<number>;
  /** Ends all connections but the harness's, waits until they are gone, and counts them. */
  terminateConnections(): Promise<number>;
}

export class ClonedDatabase implements Database {
  readonly name: string;
  readonly url: string;
  readonly #own: Connection;
  readonly #admin: Connection;
  readonly #application: string;
  readonly #roles: string[] = [];
  #faults = 0;
  #dropped: Promise<void> | null = null;

  /** `admin` is the same user's connection to another database of the same server. */
  constructor(options: { name: string; url: string; admin: Connection; application: string }) {
    this.name = options.name;
    this.url = options.url;
    this.#admin = options.admin;
    this.#application = options.application;
    this.#own = new Connection(options.url, options.application);
  }

  query(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.#own.query(sql, params);
  }

  async role({ create }: { create: boolean }): Promise<string> {
    const name = `${this.name}_r${this.#roles.length + 1}`;
    const password = randomBytes(12).toString("hex");
    const role = pg.escapeIdentifier(name);
    this.#roles.push(name); // first, so that a half-created role is dropped too
    await this.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
    const schemas = await this.query(
      "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'",
    );
    const names = schemas.map((row) => pg.escapeIdentifier(String(row["nspname"])));
    const rows = "SELECT, INSERT, UPDATE, DELETE";
    await this.query(
      names
        .flatMap((schema) => [
          `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC`, // up to Postgres 14 all have it
          `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
          `GRANT ${rows} ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
          `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`,
        ])
        .concat(
          `ALTER DEFAULT PRIVILEGES GRANT ${rows} ON TABLES TO ${role}`,
          `ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO ${role}`,
          `ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO ${role}`,
          create ? `GRANT CREATE ON SCHEMA public TO ${role}` : "",
        )
        .join(";\n"),
    );
    const url = new URL(this.url);
    url.username = name;
    url.password = password;
    return url.href;
  }

  async slowSaves(ms: number): Promise<RowTrigger> {
    const act = `PERFORM pg_sleep(${(ms / 1_000).toFixed(3)});`;
    const places = savedPlaces(await this.#places());
    return installRowTrigger(this.#ask, { ...this.#named(), places, act });
  }

  async refuseWrites(): Promise<RowTrigger> {
    const message = pg.escapeLiteral(
      "could not extend file: No space left on device (threadproof)",
    );
    const act = `RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = ${message};`;
    return installRowTrigger(this.#ask, { ...this.#named(), places: await this.#places(), act });
  }

  readOnly(): Promise<ReadOnly> {
    return makeReadOnly(this.#ask, this.name, () => this.terminateConnections());
  }

  async lockTables(against: "writes" | "everything"): Promise<LockedTables> {
    const places = savedPlaces(await this.#places());
    return lockTables(new Connection(this.url, this.#application), places, against);
  }

  startingLine(): Promise<StartingLine> {
    return openStartingLine(this.url, this.#application);
  }

  async connections(): Promise<number> {
    const [row] = await this.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = $1 AND application_name <> $2 AND backend_type = 'client backend'`,
      [this.name, this.#application],
    );
    return Number(row?.["n"]);
  }

  terminateConnections(): Promise<number> {
    return endConnections(this.#own, this.name, { spare: this.#application });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#dropped ??= this.#drop());
  }

  readonly #ask = (sql: string, params: readonly unknown[] = []): Promise<Row[]> =>
    this.query(sql, params);

  #places() {
    return placesIn(this.#ask);
  }

  #named() {
    return { name: `threadproof_fault_${++this.#faults}` };
  }

  async #drop(): Promise<void> {
    await this.#own[Symbol.asyncDispose]();
    try {
      await this.#admin.query(dropDatabase(this.name));
      for (const role of this.#roles) {
        await this.#admin.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
      }
    } catch (error) {
      // A scenario may end while its server is down; the database is removed with the server.
      if (!isDown(error)) throw error;
    }
  }
}

function isDown(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

/** FORCE ends its connections: pools of the service may still be open. */
export function dropDatabase(name: string): string {
  return `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`;
}

/**
 * Ends every connection to a database, except `through` and those of the application `spare`.
 * Resolves to their number once they are gone. It signals all of them first and waits afterwards,
 * so that a pool does not find half of them alive.
 */
export async function endConnections(
  through: Connection,
  name: string,
  { spare = null }: { spare?: string | null } = {},
): Promise<number> {
  // The call is in the select list: in the condition the planner may call it before it compares
  // the database's name (observed), and end the connections to all databases.
  const ended = await through.query(
    `SELECT pid, pg_terminate_backend(pid) AS signalled FROM pg_stat_activity
      WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        AND application_name IS DISTINCT FROM $2::text`,
    [name, spare],
  );
  const pids = ended.filter((row) => row["signalled"] === true).map((row) => row["pid"]);
  await through.query(
    `SELECT pg_terminate_backend(pid, $2::bigint) FROM pg_stat_activity
      WHERE pid = ANY($1::int[])`,
    [pids, terminateTimeoutMs],
  );
  return pids.length;
}
