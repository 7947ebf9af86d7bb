import pg from "pg";
import { type Place, quoted } from "./table-names.ts";
import type { Row } from "./connection.ts";

/** How long to wait for a lock on a table, in milliseconds: a paused replica may hold one. */
const lockTimeoutMs = 5_000;

/** Something that is done to each row that is written, while this is held. */
export interface RowTrigger extends AsyncDisposable {
  /** Rows that it met so far, rolled back ones included; after dispose: in all. */
  met(): Promise<number>;
}

export interface RowTriggerOptions {
  readonly places: readonly Place[];
  /** Statements of PL/pgSQL. */
  readonly act: string;
  /** Of its function and its sequence: free in the schema of the first table. */
  readonly name: string;
}

/** Installs a trigger for each row of these tables. */
export async function installRowTrigger(
  query: (sql: string, params?: readonly unknown[]) => Promise<Row[]>,
  { places, act, name }: RowTriggerOptions,
): Promise<RowTrigger> {
  const own = quoted({ schema: places[0]?.schema ?? "public", table: name });
  // A sequence counts, because it is not undone with the transaction. The function runs as its
  // owner, because the service's role need not be allowed to use the sequence.
  const body = (acting: string) =>
    `CREATE OR REPLACE FUNCTION ${own}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = pg_catalog AS $$ BEGIN ${acting} RETURN NEW; END $$;`;
  const triggers = places.map(
    (place) =>
      `CREATE TRIGGER ${pg.escapeIdentifier(name)} BEFORE INSERT OR UPDATE ON ${quoted(place)}
         FOR EACH ROW EXECUTE FUNCTION ${own}();`,
  );
  await query(
    `SET LOCAL lock_timeout = ${lockTimeoutMs};
     CREATE SEQUENCE ${own};
     ${body(`PERFORM nextval(${pg.escapeLiteral(own)}); ${act}`)}
     ${triggers.join("\n")}`,
  );
  const counted = `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM ${own}`;
  let inAll: number | null = null;
  const count = async (sql: string): Promise<number> => Number((await query(sql))[0]?.["n"] ?? 0);
  return {
    met: async () => inAll ?? (await count(counted)),
    async [Symbol.asyncDispose]() {
      // Healed without any lock on a table: dropping the trigger would wait for every transaction
      // that has touched one, such as that of a replica that is paused. It stays, and does nothing.
      inAll ??= await count(`${body("")} ${counted}`);
    },
  };
}
