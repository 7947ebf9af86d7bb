import type { Parts } from "../parts.ts";

/**
 * One write at the end of the turn. Found where somebody measured the number of statements and
 * stopped there. A replica that is killed in a turn loses all of it, the user's message too, and
 * there is nothing to resume from, while what the tools did is done.
 */
export default function exitDurability(parts: Parts): Parts {
  return { ...parts, durability: "exit" };
}
