import type { Parts } from "../parts.ts";
import { sentenceOf } from "../refusal.ts";

/**
 * A checkpointer that logs what it cannot save and goes on. Found where somebody wanted the chat to
 * survive a hiccup of the database. The user gets an answer, the tools act, and the thread knows
 * nothing of it: with the disk full it is a service without a memory that reports success.
 */
export default function swallowsSaveErrors(parts: Parts): Parts {
  return {
    ...parts,
    openSaver: (database, settings) => {
      const saver = parts.openSaver(database, settings);
      const [put, putWrites] = [saver.put.bind(saver), saver.putWrites.bind(saver)];
      const log = (error: unknown) => console.error(`not saved: ${sentenceOf(error)}`);
      saver.put = async (config, checkpoint, ...rest) =>
        put(config, checkpoint, ...rest).catch((error: unknown) => {
          log(error);
          return { configurable: { ...config.configurable, checkpoint_id: checkpoint.id } };
        });
      saver.putWrites = async (...given) => putWrites(...given).catch(log);
      return saver;
    },
  };
}
