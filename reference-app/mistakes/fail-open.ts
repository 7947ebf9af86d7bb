import { randomUUID } from "node:crypto";
import { inMemory } from "../in-memory.ts";
import { sentenceOf } from "../refusal.ts";
import type { Mistake } from "./mistake.ts";

/**
 * `await connect().catch(() => new MemorySaver())`: without a database at boot, the service uses
 * its own memory and reports that it is ready. Services have it where a demonstration had to work
 * at all costs. A replica that starts during an outage does not know its users. It goes on like
 * that when the database is back, and loses the new conversations with the next deploy.
 */
const mistake: Mistake = {
  parts: (parts) => {
    const memory = inMemory(parts);
    let hasFallenBack = false;
    /** The first part, or the second one once the service has fallen back to memory. */
    const either = <T extends object>(saved: T, kept: T): T =>
      new Proxy(saved, {
        get(_, name) {
          const chosen = hasFallenBack ? kept : saved;
          const value: unknown = Reflect.get(chosen, name);
          const bound: unknown = typeof value === "function" ? value.bind(chosen) : value;
          return bound;
        },
      });
    return {
      openSaver: (...given) => either(parts.openSaver(...given), memory.openSaver(...given)),
      // The rows of most threads are in the database too, so a turn must not need one.
      openThreads: (...given) =>
        either(parts.openThreads(...given), {
          ...memory.openThreads(...given),
          touch: async () => true,
        }),
      resolveThread: async (threads, user, given) => {
        if (!hasFallenBack) return parts.resolveThread(threads, user, given);
        return given ? String(given) : randomUUID();
      },
      openGate: (...given) => either(parts.openGate(...given), memory.openGate(...given)),
      openClock: (...given) => either(parts.openClock(...given), memory.openClock(...given)),
      openSchema: (database, settings) => {
        const schema = either(
          parts.openSchema(database, settings),
          memory.openSchema(database, settings),
        );
        const prepare = async () => {
          try {
            await database.work.query("SELECT 1");
          } catch (error) {
            console.error(`no database, so conversations stay in memory: ${sentenceOf(error)}`);
            hasFallenBack = true;
          }
          await schema.prepare();
        };
        return { prepare, probe: () => schema.probe(), obstacle: () => schema.obstacle() };
      },
      cleanup: either(parts.cleanup, memory.cleanup),
    };
  },
};

export default mistake;
