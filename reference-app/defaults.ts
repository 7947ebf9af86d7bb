import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { ownThread } from "./addressing.ts";
import { finishFirst } from "./admission.ts";
import { cleanup } from "./cleanup.ts";
import { databaseClock, trustedClock } from "./clock.ts";
import { openDatabase } from "./database.ts";
import { advisoryGate } from "./gate.ts";
import { inMemory } from "./in-memory.ts";
import { openModel } from "./model.ts";
import type { Parts } from "./parts.ts";
import { schemaIn } from "./schema.ts";
import type { StorageSettings } from "./settings.ts";
import { threadsIn } from "./threads.ts";
import { openTools } from "./tools.ts";

/** The parts that the settings ask for. */
export function defaultParts({ CHECKPOINTER }: Pick<StorageSettings, "CHECKPOINTER">): Parts {
  return CHECKPOINTER === "memory" ? inMemory(inPostgres) : inPostgres;
}

const inPostgres: Parts = {
  openDatabase,
  openSaver: ({ work }) => new PostgresSaver(work),
  openThreads: threadsIn,
  openGate: advisoryGate,
  openClock: (database, { CLOCK_TOLERANCE_MS: toleranceMs }) =>
    toleranceMs === 0 ? trustedClock : databaseClock(database, toleranceMs),
  openSchema: (database, { MIGRATE_AT_BOOT }) => schemaIn(database, MIGRATE_AT_BOOT),
  cleanup,
  openTools,
  openModel,
  resolveThread: ownThread,
  admission: finishFirst,
};
