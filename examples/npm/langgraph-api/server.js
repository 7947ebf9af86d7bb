// THREADS: "table", or "memory" as in the tests of the package. The argument "migrate" only creates
// the tables.
import { serve } from "@hono/node-server";
import { createEmbedServer } from "@langchain/langgraph-api/experimental/embed";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import { agentWith } from "../agent.js";
import { inMemory, inTable, makeTable } from "./threads.js";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const checkpointer = new PostgresSaver(pool);
if (process.argv[2] === "migrate") {
  await checkpointer.setup();
  await makeTable(pool);
  await pool.end();
} else {
  const threads = process.env.THREADS === "memory" ? inMemory() : inTable(pool);
  const { fetch } = createEmbedServer({ graph: { agent: agentWith() }, checkpointer, threads });
  serve({ fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });
}
