import { sentenceOf } from "../refusal.ts";
import type { Mistake } from "./mistake.ts";

/**
 * A checkpointer that logs its errors and goes on. Services have it where the chat was meant to
 * survive a short failure of the database. The user gets an answer, the tools act, and the thread
 * contains nothing of it. With a full disk the service has no memory and reports success.
 */
const mistake: Mistake = {
  parts: ({ openSaver }) => ({
    openSaver: (database, settings) => {
      const saver = openSaver(database, settings);
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
  }),
};

export default mistake;
