import { MemorySaver } from "@langchain/langgraph-checkpoint";
import type { Mistake } from "./mistake.ts";

/**
 * The saver of the quick start, left in. Most tutorials have it, and the services copied from them.
 * Each replica remembers only the turns that it served itself, and only until it restarts. A user
 * talks to two agents that each know half, and after a deploy to one that knows nothing.
 */
const mistake: Mistake = { parts: () => ({ openSaver: () => new MemorySaver() }) };

export default mistake;
