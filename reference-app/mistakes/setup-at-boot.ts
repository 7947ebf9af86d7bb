import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Parts } from "../parts.ts";
import { threadsTable } from "../threads.ts";

/**
 * `await saver.setup()` at the top of the service, without a lock, on every boot. Found in the
 * saver's own documentation. Replicas that start together on an empty database break each other,
 * the process ends, and each boot needs a role that may create tables.
 */
export default function setupAtBoot(parts: Parts): Parts {
  return {
    ...parts,
    openSchema: (database, migrateAtBoot) => {
      const schema = parts.openSchema(database, migrateAtBoot);
      const prepare = async () => {
        await database.work.query(threadsTable);
        await new PostgresSaver(database.work).setup();
        await schema.probe();
      };
      return { ...schema, prepare };
    },
  };
}
