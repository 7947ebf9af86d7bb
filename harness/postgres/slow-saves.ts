import pg from "pg";
import type { Row } from "./connection.ts";

/** How long to wait for a lock on the table, in milliseconds: a paused replica may hold one. */
const lockTimeoutMs = 5_000;

/** Inserts into a table take longer while this is held. */
export interface SlowSaves extends AsyncDisposable {
  /** Rows whose insert was slowed so far, rolled back ones included; after dispose: in all. */
  slowed(): Promise<number>;
}

/**
 * Installs a BEFORE INSERT trigger that sleeps for `ms` per row, in whatever schema the table is.
 * @throws Error that lists the tables when there is no such table.
 */
export async function installSlowSaves(
  query: (sql: string, params?: readonly unknown[]) => Promise<Row[]>,
  { table, ms, name }: { table: string; ms: number; name: string },
): Promise<SlowSaves> {
  const tables = await query(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2`,
  );
  const place = tables.find((row) => row["name"] === table);
  if (place === undefined) {
    const names = tables.map((row) => String(row["name"])).join(", ") || "none";
    throw new Error(`no table "${table}" whose saves could be slowed; there are: ${names}`);
  }
  const quote = pg.escapeIdentifier;
  const schema = quote(String(place["schema"]));
  const own = `${schema}.${quote(name)}`;
  const target = `${schema}.${quote(table)}`;
  // A sequence counts, because it is not undone with the transaction. The function runs as its
  // owner, because the service's role need not be allowed to use the sequence.
  const body = (sleep: string) =>
    `CREATE OR REPLACE FUNCTION ${own}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = pg_catalog AS $$ BEGIN ${sleep} RETURN NEW; END $$;`;
  await query(
    `SET LOCAL lock_timeout = ${lockTimeoutMs};
     CREATE SEQUENCE ${own};
     ${body(
       `PERFORM nextval(${pg.escapeLiteral(own)}); PERFORM pg_sleep(${(ms / 1_000).toFixed(3)});`,
     )}
     CREATE TRIGGER ${quote(name)} BEFORE INSERT ON ${target}
       FOR EACH ROW EXECUTE FUNCTION ${own}();`,
  );
  const count = async (): Promise<number> => {
    const sql = `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM ${own}`;
    return Number((await query(sql))[0]?.["n"] ?? 0);
  };
  let inAll: number | null = null;
  return {
    slowed: async () => inAll ?? (await count()),
    async [Symbol.asyncDispose]() {
      if (inAll !== null) return;
      // Healed without any lock on the table: dropping the trigger alone would wait for every
      // transaction that has touched it, such as that of a replica that is paused.
      await query(body(""));
      inAll = await count();
      await query(
        `SET LOCAL lock_timeout = ${lockTimeoutMs};
         DROP TRIGGER ${quote(name)} ON ${target}; DROP FUNCTION ${own}(); DROP SEQUENCE ${own};`,
      ).catch((error: { code?: string }) => {
        if (error.code !== "55P03") throw error; // locked: an idle trigger stays, and does nothing
      });
    },
  };
}
