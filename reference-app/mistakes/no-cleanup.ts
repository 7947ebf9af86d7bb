import type { Mistake } from "./mistake.ts";

/**
 * The service deletes nothing: LangGraph has no time to live, and deleting a conversation deletes
 * only the application's own row. Services have it until somebody looks at the size of the tables.
 * They grow with the square of a conversation's length, and deleted conversations can be read.
 */
const mistake: Mistake = {
  parts: () => ({
    cleanup: {
      prune: async () => undefined,
      forget: (_, threads, thread) => threads.remove(thread),
    },
  }),
};

export default mistake;
