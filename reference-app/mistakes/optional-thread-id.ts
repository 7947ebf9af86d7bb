import { randomUUID } from "node:crypto";
import type { Parts } from "../parts.ts";

/**
 * `thread_id or uuid4()`, and the id is not handed back. Found in tutorials for web frameworks.
 * Nothing is refused, so a client that forgets the id, or sends "undefined", gets an agent without
 * memory or one shared with all who made the same error; and any id opens anybody's conversation.
 */
export default function optionalThreadId(parts: Parts): Parts {
  return {
    ...parts,
    addressing: {
      resolve: async (_threads, _user, given) => (given ? String(given) : randomUUID()),
      note: async () => undefined,
      answer: (_, reply) => ({ reply }),
    },
  };
}
