import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import type { Mistake } from "./mistake.ts";

/**
 * `PostgresSaver.fromConnString` and `new Pool` with their defaults: no error handlers, no
 * time-outs. The saver's documentation shows it like that. A restart of Postgres ends the process
 * with an unhandled 'error'. A locked table or a silent network makes a turn wait for ever.
 */
const mistake: Mistake = {
  parts: () => ({
    openDatabase: ({ DATABASE_URL: connectionString }) => ({
      work: new pg.Pool({ connectionString }),
      locks: new pg.Pool({ connectionString }),
    }),
    openSaver: (_, { DATABASE_URL = "" }) => PostgresSaver.fromConnString(DATABASE_URL),
  }),
};

export default mistake;
