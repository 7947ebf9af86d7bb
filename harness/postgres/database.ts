import { randomBytes } from "node:crypto";
import pg from "pg";
import { Connection } from "./connection.ts";
import type { Row } from "./connection.ts";
import { installSlowSaves } from "./slow-saves.ts";
import type { SlowSaves } from "./slow-saves.ts";
import { openStartingLine } from "./starting-line.ts";
import type { StartingLine } from "./starting-line.ts";

const terminateTimeoutMs = 5_000;

/** A database of one scenario; dispose ends its connections and drops it, and its roles. */
export interface Database extends AsyncDisposable {
  readonly name: string;
  /** Of its owner, who may do everything in it. */
  readonly url: string;
  /** On a connection of the harness's own, one at a time. @throws what pg throws. */
  query(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /**
   * The address for a login role of its own: it reads and writes the rows of all tables, those
   * that the owner makes later included. With `create` it may also make tables in "public".
   */
  role(options: { create: boolean }): Promise<string>;
  /** Held: each insert into the table takes `ms` longer. @throws Error: there is no such table. */
  slowSaves(options: { table: string; ms: number }): Promise<SlowSaves>;
  /** Held: tables are made by all who want to, at the same moment, when it is disposed of. */
  startingLine(): Promise<StartingLine>;
  /** Ends all connections but the harness's own, waits until they are gone, and counts them. */
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

  /** `admin` is a connection to another database of the same server, of the same user. */
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
    this.#roles.push(name); // first, so that a half-made one is dropped as well
    await this.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
    const schemas = await this.query(
      "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'",
    );
    const names = schemas.map((row) => pg.escapeIdentifier(String(row["nspname"])));
    const rows = "SELECT, INSERT, UPDATE, DELETE";
    await this.query(
      names
        .flatMap((schema) => [
          `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC`, // up to Postgres 14 everybody has it
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

  slowSaves({ table, ms }: { table: string; ms: number }): Promise<SlowSaves> {
    const name = `threadproof_slow_saves_${++this.#faults}`;
    return installSlowSaves((sql, params) => this.query(sql, params), { table, ms, name });
  }

  startingLine(): Promise<StartingLine> {
    return openStartingLine(this.url, this.#application);
  }

  terminateConnections(): Promise<number> {
    return endConnections(this.#own, this.name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#dropped ??= this.#drop());
  }

  async #drop(): Promise<void> {
    await this.#own[Symbol.asyncDispose]();
    await this.#admin.query(dropDatabase(this.name));
    for (const role of this.#roles) {
      await this.#admin.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
    }
  }
}

/** FORCE ends its connections; the service's pools may still be open, or its replicas killed. */
export function dropDatabase(name: string): string {
  return `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`;
}

/**
 * Ends every connection to a database but the one that is used for it; resolves to how many it
 * ended, once they are gone. All are told at once, and only then waited for: a pool must not find
 * half of them alive.
 */
export async function endConnections(through: Connection, name: string): Promise<number> {
  // In the list and not in the condition: there the planner may call it before it looks at the
  // database's name (seen), and it would end the connections of everybody.
  const ended = await through.query(
    `SELECT pid, pg_terminate_backend(pid) AS told FROM pg_stat_activity
      WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    [name],
  );
  const pids = ended.filter((row) => row["told"] === true).map((row) => row["pid"]);
  await through.query(
    `SELECT pg_terminate_backend(pid, $2::bigint) FROM pg_stat_activity
      WHERE pid = ANY($1::int[])`,
    [pids, terminateTimeoutMs],
  );
  return pids.length;
}
