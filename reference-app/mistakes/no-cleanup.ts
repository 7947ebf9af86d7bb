import type { Parts } from "../parts.ts";

/**
 * Nothing is ever taken away: LangGraph has no time to live, and deleting a conversation deletes
 * the application's own row. Found wherever nobody looked at the size of the tables. They grow with
 * the square of a conversation's length, and what a user has deleted is still there to be read.
 */
export default function noCleanup(parts: Parts): Parts {
  return {
    ...parts,
    cleanup: {
      prune: async () => undefined,
      forget: (_, threads, thread) => threads.remove(thread),
    },
  };
}
