import pg from "pg";
import type { Row } from "./connection.ts";

/** A table and its schema. */
export interface Place {
  readonly schema: string;
  readonly table: string;
}

/** All tables of the service, without partitions and tables of extensions. */
export async function placesIn(query: (sql: string) => Promise<Row[]>): Promise<Place[]> {
  const rows = await query(
    `SELECT n.nspname AS schema, c.relname AS "table"
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND n.nspname !~ '^(pg_|information_schema)'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
      ORDER BY 1, 2`,
  );
  return rows.map((row) => ({ schema: String(row["schema"]), table: String(row["table"]) }));
}

/**
 * The tables into which a turn is saved: with LangGraph the one that gets a row per superstep,
 * otherwise all.
 */
export function savedPlaces(places: readonly Place[]): readonly Place[] {
  const checkpoints = places.filter(({ table }) => table === "checkpoints");
  return checkpoints.length > 0 ? checkpoints : places;
}

/** The quoted name, for a statement. */
export function quoted({ schema, table }: Place): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
}
