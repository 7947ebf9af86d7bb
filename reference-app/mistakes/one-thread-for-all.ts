import type { Mistake } from "./mistake.ts";

/**
 * The thread id of the quick start, hard-coded: { configurable: { thread_id: "1" } }. Services have
 * it where an example became a product. Every user reads and continues everybody's conversation.
 */
const mistake: Mistake = {
  parts: ({ openThreads }) => ({
    resolveThread: async () => "default",
    // There is no row for it.
    openThreads: (database) => ({ ...openThreads(database), touch: async () => true }),
  }),
};

export default mistake;
