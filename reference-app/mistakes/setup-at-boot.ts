import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { threadsTable } from "../threads.ts";
import type { Mistake } from "./mistake.ts";

/**
 * `await saver.setup()` at every boot, without a lock. The saver's documentation shows it. If
 * replicas start together on an empty database, one of them fails and its process ends. And each
 * boot needs a role that may create tables.
 */
const mistake: Mistake = {
  parts: ({ openSchema }) => ({
    openSchema: (database, settings) => {
      const schema = openSchema(database, settings);
      const prepare = async () => {
        await database.work.query(threadsTable);
        await new PostgresSaver(database.work).setup();
        await schema.probe();
      };
      return { ...schema, prepare };
    },
  }),
};

export default mistake;
