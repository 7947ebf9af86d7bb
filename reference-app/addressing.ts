import { z } from "zod";
import { Refusal } from "./refusal.ts";
import type { Threads } from "./threads.ts";

/** The id of the thread that the client named. Throws a Refusal and writes nothing. */
export type ThreadResolver = (threads: Threads, user: string, given: unknown) => Promise<string>;

const threadId = z.uuid();

/**
 * The saver accepts "" and "undefined" as thread ids. All clients that send them would share that
 * thread. So we accept only a UUID that POST /threads returned to this user. A foreign thread and
 * an unknown thread get the same answer, so that clients cannot find out which ids exist.
 */
export const ownThread: ThreadResolver = async (threads, user, given) => {
  const id = threadId.safeParse(given);
  if (!id.success) {
    throw new Refusal(400, "thread_id must be the id of a thread, as POST /threads returned it");
  }
  const thread = await threads.find(user, id.data);
  if (thread === undefined) throw unknownThread();
  return thread.id;
};

export function unknownThread(): Refusal {
  return new Refusal(404, "you have no thread with this id; POST /threads creates one");
}
