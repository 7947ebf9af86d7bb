import pg from "pg";
import type { Row } from "./connection.ts";

/** Held: the server takes no writes of new sessions, as after a failover to a standby. */
export interface ReadOnly extends AsyncDisposable {
  /** Sessions that were ended for it. */
  readonly ended: number;
  /** Sessions that could only read, when it was over; before that 0. */
  readonly read: number;
}

/** `end` ends the sessions of the service: one keeps the setting that it began with. */
export async function makeReadOnly(
  query: (sql: string) => Promise<Row[]>,
  name: string,
  end: () => Promise<number>,
): Promise<ReadOnly> {
  const setting = async (change: string): Promise<void> => {
    const database = pg.escapeIdentifier(name);
    // Our own connection may have been made anew, and then it reads only, too.
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
