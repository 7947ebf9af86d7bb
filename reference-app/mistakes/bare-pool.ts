import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import type { Parts } from "../parts.ts";

/**
 * PostgresSaver.fromConnString and new Pool as they come: no error handlers, no time-outs. Found in
 * the saver's own documentation. A restart of Postgres ends the process with an unhandled 'error',
 * and a locked table or a silent wire makes a turn wait for ever.
 */
export default function barePool(parts: Parts): Parts {
  return {
    ...parts,
    openDatabase: ({ DATABASE_URL: connectionString }) => ({
      work: new pg.Pool({ connectionString }),
      locks: new pg.Pool({ connectionString }),
    }),
    openSaver: (_, { DATABASE_URL = "" }) => PostgresSaver.fromConnString(DATABASE_URL),
  };
}
