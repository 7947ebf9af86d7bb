// The argument "migrate" only creates the tables: DATABASE_INIT=true is for the first start.
import { serve } from "@hono/node-server";
import { LangGraphGlobal, registerGraph } from "@langgraph-js/pure-graph";
import { handleRequest } from "@langgraph-js/pure-graph/dist/adapter/fetch/index.js";
import { agentWith } from "../agent.js";

if (process.argv[2] === "migrate") {
  process.env.DATABASE_INIT = "true";
  await LangGraphGlobal.initGlobal();
  process.exit();
}
await registerGraph("agent", agentWith());
serve({
  fetch: (request) => handleRequest(request),
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
});
