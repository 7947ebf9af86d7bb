import type { Parts } from "../parts.ts";

/**
 * The next step runs while the last is still being saved. This is LangGraph's default, so it is
 * found in every service that does not pass `durability`. It costs nothing until a replica is
 * killed: then steps that had finished run again, and their effects happen twice where a tool is
 * not idempotent.
 */
export default function asyncDurability(parts: Parts): Parts {
  return { ...parts, durability: "async" };
}
