import type { Parts } from "../parts.ts";

/**
 * The client gets its answer with the last chunk of the stream, while the turn is saved afterwards.
 * Found in services that stream. A replica that is killed in between has given an answer of which
 * no trace is left, nor of the message that it answered.
 */
export default function replyBeforeSaving(parts: Parts): Parts {
  return {
    ...parts,
    durability: "exit",
    acknowledge: ({ spoken, saved }) => Promise.race([spoken, saved]),
  };
}
