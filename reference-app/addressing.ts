import { z } from "zod";
import { Refusal } from "./refusal.ts";
import { titleOf, type Threads } from "./threads.ts";

/** From what a client names to the thread_id that LangGraph gets, and back. */
export interface Addressing {
  /** The thread_id for what the client gave. Throws a Refusal, having written nothing. */
  resolve(threads: Threads, user: string, given: unknown): Promise<string>;
  /** Notes a message on the thread once it is held. */
  note(threads: Threads, thread: string, message: string): Promise<void>;
  answer(thread: string, reply: string): Readonly<Record<string, string>>;
}

const threadId = z.uuid();

/**
 * The saver takes "" and "undefined" as threads like any other, shared by all who send them, so an
 * id has to be a uuid that we gave out, and to this user. Somebody else's thread and none at all
 * get the same answer: nobody learns which ids exist.
 */
export const ownThreads: Addressing = {
  async resolve(threads, user, given) {
    const id = threadId.safeParse(given);
    if (!id.success) {
      throw new Refusal(400, "thread_id must be the id of a thread, as POST /threads returned it");
    }
    const thread = await threads.find(user, id.data);
    if (thread === undefined) throw unknownThread();
    return thread.id;
  },
  async note(threads, thread, message) {
    // It may have been deleted after it was resolved: running on would bring it back without a row.
    if (!(await threads.touch(thread, titleOf(message)))) throw unknownThread();
  },
  answer: (thread, reply) => ({ thread_id: thread, reply }),
};

export function unknownThread(): Refusal {
  return new Refusal(404, "you have no thread with this id; POST /threads makes one");
}
