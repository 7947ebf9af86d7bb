import { MemorySaver } from "@langchain/langgraph-checkpoint";
import type { Parts } from "../parts.ts";

/**
 * The saver of the quick start, left in. Found in most tutorials and in the services copied from
 * them. Each replica remembers what it served itself, and that until it restarts: a user talks to
 * two agents that each know half, and after a deploy to one that knows nothing.
 */
export default function memorySaver(parts: Parts): Parts {
  return { ...parts, openSaver: () => new MemorySaver() };
}
