import type { Mistake } from "./mistake.ts";

/**
 * Nothing compares the clocks. Nearly every service has it, because nothing says that LangGraph
 * orders checkpoints by them. If the clock of a replica is behind, it stores its turns below those
 * of the others. Those turns get answers with 200, and later turns do not see them.
 */
const mistake: Mistake = { settings: { CLOCK_TOLERANCE_MS: 0 } };

export default mistake;
