import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { ownThreads, type Addressing } from "./addressing.ts";
import { finishFirst, type Admission } from "./admission.ts";
import { runsOn, type Lifetime } from "./chat.ts";
import { cleanup, type Cleanup } from "./cleanup.ts";
import { databaseClock, type Clock } from "./clock.ts";
import type { Durability } from "./conversation.ts";
import { openDatabase, type Database } from "./database.ts";
import { shutDown, type ShutDown } from "./drain.ts";
import { advisoryGate, type Gate } from "./gate.ts";
import { openModel, type Model } from "./model.ts";
import { schemaIn, type Schema } from "./schema.ts";
import type { Settings, StorageSettings } from "./settings.ts";
import { threadAndCall, type IdempotencyKey } from "./tools.ts";
import { threadsIn, type Threads } from "./threads.ts";

/** The two moments of a reply: the model has said it, and it is stored. */
interface Reply {
  readonly spoken: Promise<string>;
  readonly saved: Promise<string>;
}

/** What the service is made of, where a part could be another. */
export interface Parts {
  readonly openDatabase: (settings: StorageSettings) => Database;
  readonly openSaver: (database: Database, settings: StorageSettings) => BaseCheckpointSaver;
  readonly openThreads: (database: Database) => Threads;
  readonly openGate: (database: Database) => Gate;
  readonly openModel: (settings: Settings) => Model;
  readonly openClock: (database: Database) => Clock;
  readonly openSchema: (database: Database, migrateAtBoot: boolean) => Schema;
  readonly addressing: Addressing;
  readonly admission: Admission;
  readonly lifetime: Lifetime;
  readonly durability: Durability;
  readonly idempotencyKey: IdempotencyKey;
  /** Which of the two moments the client hears of. */
  readonly acknowledge: (reply: Reply) => Promise<string>;
  readonly cleanup: Cleanup;
  readonly shutDown: ShutDown;
}

export function exemplaryParts(durability: Settings["DURABILITY"] = "sync"): Parts {
  return {
    openDatabase,
    openSaver: ({ work }) => new PostgresSaver(work),
    openThreads: threadsIn,
    openGate: advisoryGate,
    openModel,
    openClock: databaseClock,
    openSchema: schemaIn,
    addressing: ownThreads,
    admission: finishFirst,
    lifetime: runsOn,
    durability,
    idempotencyKey: threadAndCall,
    acknowledge: ({ saved }) => saved,
    cleanup,
    shutDown,
  };
}
