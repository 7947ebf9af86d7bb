import { setTimeout as pause } from "node:timers/promises";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import type { Database } from "./database.ts";
import { isDatabaseAway, sentenceOf, sqlStateOf } from "./refusal.ts";
import { threadsTable } from "./threads.ts";

/** Checks whether the tables exist, and creates them. */
export interface Schema {
  /** Resolves once the schema is current. Keeps trying until then. */
  prepare(): Promise<void>;
  /** Asks the database. Resolves to the reason why it cannot serve, which says what to do. */
  probe(): Promise<string | undefined>;
  /**
   * The last known reason, without asking the database. If the database is away for a moment its
   * schema still exists, so this refuses nothing: each turn finds out for itself.
   */
  obstacle(): string | undefined;
}

const retryMs = 500;

export function schemaIn(database: Database, migrateAtBoot: boolean): Schema {
  let obstacle: string | undefined = "the schema has not been checked yet: try again in a moment";
  const see = (seen: string | undefined) => {
    if (seen !== undefined && seen !== obstacle) console.error(`not ready: ${seen}`);
    obstacle = seen;
    return seen;
  };
  // The error at boot says more than "the schema is missing", as long as it is missing.
  let boot = migrateAtBoot ? "the schema is being created: try again in a moment" : undefined;
  return {
    obstacle: () => obstacle,
    async probe() {
      let seen: string | undefined;
      try {
        seen = await missingIn(database);
      } catch (error) {
        seen = sentenceOfObstacle(error);
        if (isDatabaseAway(error) && obstacle === undefined) return seen;
      }
      return see(seen && (boot ?? seen));
    },
    async prepare() {
      for (;;) {
        const work = migrateAtBoot ? migrate(database) : missingIn(database);
        boot = await work.catch(sentenceOfObstacle);
        if (see(boot) === undefined) return;
        await pause(retryMs, undefined, { ref: false });
      }
    },
  };
}

/**
 * Creates what is missing. If nothing is missing it writes nothing, so a role without CREATE can
 * boot. saver.setup() takes no lock: if two replicas call it on an empty database, one fails. The
 * lock is transaction-level, so it also works behind a pooler in transaction mode.
 */
export async function migrate(database: Database): Promise<undefined> {
  if ((await missingIn(database)) === undefined) return;
  const client = await database.locks.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('reference-app schema', 0))");
    if ((await missingIn(database)) !== undefined) {
      await database.work.query(threadsTable);
      await new PostgresSaver(database.work).setup();
    }
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}

async function missingIn({ work }: Database): Promise<string | undefined> {
  const { rows } = await work.query<{ threads: boolean; saver: boolean }>(
    `SELECT to_regclass('threads') IS NOT NULL AS threads,
            to_regclass('checkpoint_migrations') IS NOT NULL AS saver`,
  );
  if (!rows[0]?.threads || !rows[0].saver)
    return "the schema is missing: run `node main.ts migrate`";
  const applied = await work.query<{ v: number | null }>(
    "SELECT max(v) AS v FROM checkpoint_migrations",
  );
  // A newer build may have applied more migrations than this one needs.
  if ((applied.rows[0]?.v ?? -1) >= (await newestMigration())) return undefined;
  return "the schema is older than this build: run `node main.ts migrate`";
}

/**
 * The saver does not export the number of its newest migration, and a number written here would be
 * wrong after an upgrade. So setup() runs on a pool without a database, which counts the INSERTs.
 * When you upgrade the saver, check that setup() still inserts each version into
 * checkpoint_migrations: schema.test.ts fails if it does not.
 */
async function newestMigration(): Promise<number> {
  let newest = -1;
  const client = {
    query: async (text: string, values?: readonly unknown[]) => {
      if (text.startsWith("INSERT")) newest = Number(values?.[0]);
      return { rows: [] };
    },
    release: () => undefined,
  };
  await new PostgresSaver(Object.assign(new pg.Pool(), { connect: async () => client })).setup();
  return newest;
}

function sentenceOfObstacle(error: unknown): string {
  const sentence = sentenceOf(error);
  if (isDatabaseAway(error)) {
    return `the database cannot be reached (${sentence}): start it, or correct DATABASE_URL`;
  }
  if (sqlStateOf(error) === "42501") {
    return (
      `this role lacks a privilege (${sentence}): run \`node main.ts migrate\` with a role that ` +
      "may create tables, and grant this one SELECT, INSERT, UPDATE and DELETE on them"
    );
  }
  return `the database refuses (${sentence})`;
}
