import type { Parts } from "../parts.ts";

/**
 * The thread id of the quick start, hard-coded: { configurable: { thread_id: "1" } }. Found where
 * an example became a service. Every user reads and continues the conversation of all the others.
 */
export default function oneThreadForAll(parts: Parts): Parts {
  return {
    ...parts,
    addressing: {
      resolve: async () => "default",
      note: async () => undefined,
      answer: (thread, reply) => ({ thread_id: thread, reply }),
    },
  };
}
