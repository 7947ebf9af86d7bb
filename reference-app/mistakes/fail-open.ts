import { randomUUID } from "node:crypto";
import { inMemory } from "../memory.ts";
import type { Parts } from "../parts.ts";
import { sentenceOf } from "../refusal.ts";

/**
 * `await connect().catch(() => new MemorySaver())`: without a database at boot the service runs on
 * its own memory, and says that it is ready. Found where a demonstration had to work at all costs.
 * A replica that starts during an outage answers users as if it had never met them, goes on like
 * that when the database is back, and loses what it was told with the next deploy.
 */
export default function failOpen(parts: Parts): Parts {
  const memory = inMemory(parts);
  let fallen = false;
  /** The one part, or once it has fallen back the other. */
  const either = <T extends object>(saved: T, kept: T): T =>
    new Proxy(saved, {
      get(_, name) {
        const chosen = fallen ? kept : saved;
        const value: unknown = Reflect.get(chosen, name);
        const bound: unknown = typeof value === "function" ? value.bind(chosen) : value;
        return bound;
      },
    });
  return {
    ...parts,
    openSaver: (...given) => either(parts.openSaver(...given), memory.openSaver(...given)),
    openThreads: (...given) => either(parts.openThreads(...given), memory.openThreads(...given)),
    openGate: (...given) => either(parts.openGate(...given), memory.openGate(...given)),
    openClock: (...given) => either(parts.openClock(...given), memory.openClock(...given)),
    openSchema: (database, migrateAtBoot) => {
      const schema = either(
        parts.openSchema(database, migrateAtBoot),
        memory.openSchema(database, migrateAtBoot),
      );
      const prepare = async () => {
        try {
          await database.work.query("SELECT 1");
        } catch (error) {
          console.error(`no database, so conversations stay in memory: ${sentenceOf(error)}`);
          fallen = true;
        }
        await schema.prepare();
      };
      return { prepare, probe: () => schema.probe(), obstacle: () => schema.obstacle() };
    },
    addressing: either(parts.addressing, {
      // Who owns which thread is in the database, too.
      resolve: async (_threads, _user, given) => (given ? String(given) : randomUUID()),
      note: async () => undefined,
      answer: parts.addressing.answer,
    }),
    cleanup: either(parts.cleanup, memory.cleanup),
  };
}
