import pg from "pg";
import { type Place, quoted } from "./table-names.ts";
import type { Row } from "./connection.ts";

/** The time limit for a lock on a table: a paused replica may hold one. */
const lockTimeoutMs = 5_000;

/** Acts on each written row until dispose. */
export interface RowTrigger extends AsyncDisposable {
  /** The number of rows so far, those of rolled back transactions included. */
  met(): Promise<number>;
}

export interface RowTriggerOptions {
  readonly places: readonly Place[];
  /** Statements of PL/pgSQL. */
  readonly act: string;
  /** The unused name for its function and sequence, in the schema of the first table. */
  readonly name: string;
}

/** Installs a trigger for each inserted or updated row of these tables. */
export async function installRowTrigger(
  query: (sql: string, params?: readonly unknown[]) => Promise<Row[]>,
  { places, act, name }: RowTriggerOptions,
): Promise<RowTrigger> {
  const own = quoted({ schema: places[0]?.schema ?? "public", table: name });
  // A sequence counts, because a rollback does not undo it. The function runs as its owner,
  // because the service's role may not be allowed to use the sequence.
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
      // Heals without a lock on the tables: dropping the trigger would wait for every transaction
      // that uses one, such as that of a paused replica. So the trigger remains without effect.
      inAll ??= await count(`${body("")} ${counted}`);
    },
  };
}
