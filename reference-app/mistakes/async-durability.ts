import type { Mistake } from "./mistake.ts";

/**
 * The next step runs while the last one is still being saved. This is LangGraph's default, so every
 * service that does not pass `durability` has it. It costs nothing until a replica is killed. Then
 * finished steps run again, and their effects happen twice if a tool is not idempotent.
 */
const mistake: Mistake = { settings: { DURABILITY: "async" } };

export default mistake;
