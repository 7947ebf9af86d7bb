import pg from "pg";
import type { Row } from "./connection.ts";

/** Until dispose, new sessions cannot write, as after a failover to a standby. */
export interface ReadOnly extends AsyncDisposable {
  /** The number of sessions that were ended at the beginning. */
  readonly ended: number;
  /** The number of sessions that could only read; 0 until dispose. */
  readonly read: number;
}

/** `end` ends the sessions of the service: a session keeps the setting that it started with. */
export async function makeReadOnly(
  query: (sql: string) => Promise<Row[]>,
  name: string,
  end: () => Promise<number>,
): Promise<ReadOnly> {
  const setting = async (change: string): Promise<void> => {
    const database = pg.escapeIdentifier(name);
    // If our own connection was reopened, it is read only too.
    await query(`BEGIN READ WRITE; ALTER DATABASE ${database} ${change}; COMMIT`);
  };
  await setting("SET default_transaction_read_only = on");
  const ended = await end();
  let read: number | null = null;
  return {
    ended,
    get read() {
      return read ?? 0;
    },
    async [Symbol.asyncDispose]() {
      if (read !== null) return;
      read = 0;
      await setting("RESET default_transaction_read_only");
      read = await end();
    },
  };
}
