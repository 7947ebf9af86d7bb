import type { Mistake } from "./mistake.ts";

/**
 * One write at the end of the turn. Services have it after somebody counted the statements and
 * looked no further. A replica that is killed in a turn loses all of it, the user's message too.
 * There is nothing to resume from, but the effects of the tools remain.
 */
const mistake: Mistake = { settings: { DURABILITY: "exit" } };

export default mistake;
