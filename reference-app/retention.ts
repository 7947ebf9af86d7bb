import { closeDatabase } from "./database.ts";
import type { Parts } from "./parts.ts";
import { Refusal } from "./refusal.ts";
import type { StorageSettings } from "./settings.ts";
import type { Idleness } from "./threads.ts";

/** Deletes idle threads, each under its lock. Skips a thread that is in use. */
export async function retain(
  settings: StorageSettings,
  parts: Parts,
  idleness: Idleness,
): Promise<{ deleted: number; busy: number }> {
  const database = parts.openDatabase(settings);
  const saver = parts.openSaver(database, settings);
  const threads = parts.openThreads(database);
  const gate = parts.openGate(database);
  const count = { deleted: 0, busy: 0 };
  try {
    for (const thread of await threads.idle(idleness)) {
      const deleted = gate.hold(thread, async () => {
        // It may have received a message since it was listed.
        if ((await threads.idle(idleness, thread)).length === 0) return false;
        await parts.cleanup.forget(saver, threads, thread);
        return true;
      });
      const outcome = await deleted.catch((error: unknown) => {
        if (error instanceof Refusal) return false;
        throw error;
      });
      if (outcome) count.deleted += 1;
      else count.busy += 1;
    }
  } finally {
    await closeDatabase(database);
  }
  return count;
}
