import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import type { Admission } from "./admission.ts";
import type { ThreadResolver } from "./addressing.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Gate } from "./gate.ts";
import type { Model } from "./model.ts";
import type { Schema } from "./schema.ts";
import type { Settings, StorageSettings } from "./settings.ts";
import type { Threads } from "./threads.ts";
import type { Tools } from "./tools.ts";

/**
 * The parts of the service that you may replace. `defaults.ts` and `in-memory.ts` implement them.
 */
export interface Parts {
  readonly openDatabase: (settings: StorageSettings) => Database;
  readonly openSaver: (database: Database, settings: StorageSettings) => BaseCheckpointSaver;
  readonly openThreads: (database: Database) => Threads;
  readonly openGate: (database: Database) => Gate;
  readonly openClock: (database: Database, settings: Settings) => Clock;
  readonly openSchema: (database: Database, settings: Settings) => Schema;
  readonly cleanup: Cleanup;
  readonly openTools: (settings: Settings) => Tools;
  readonly openModel: (settings: Settings, tools: Tools) => Model;
  readonly resolveThread: ThreadResolver;
  readonly admission: Admission;
}
