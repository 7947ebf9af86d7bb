import { randomUUID } from "node:crypto";
import type { Mistake } from "./mistake.ts";

/**
 * `thread_id or uuid4()`. Tutorials for web frameworks show it. The service refuses nothing. If a
 * client forgets the id, its agent has no memory. If it sends "undefined", it shares a thread with
 * all clients that do the same. And any id opens anybody's conversation.
 */
const mistake: Mistake = {
  parts: ({ openThreads }) => ({
    resolveThread: async (_threads, _user, given) => (given ? String(given) : randomUUID()),
    // There may be no row for it.
    openThreads: (database) => ({ ...openThreads(database), touch: async () => true }),
  }),
};

export default mistake;
