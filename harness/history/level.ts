/**
 * Consistency levels of one thread. The upper four have the names of Jepsen's map of consistency
 * models (https://jepsen.io/consistency). The lower three are the properties that a conversation
 * needs before the order of its turns matters.
 */
export const levels = [
  "integrity", // no list shows a foreign, refused, duplicated or torn turn
  "no-lost-turns", // the last reads contain every acknowledged turn
  "one-history", // all lists are prefixes of one list
  "monotonic-reads", // no client sees less than it has seen before
  "read-your-writes", // a client sees every turn that the service acknowledged to it
  "sequential", // one order of all turns and reads agrees with the order of every client
  "linearizable", // this order also agrees with real time
] as const;
export type Level = (typeof levels)[number];

/** What each level requires directly. `monotonic-reads` and `read-your-writes` are incomparable. */
const requires: Readonly<Record<Level, readonly Level[]>> = {
  integrity: [],
  "no-lost-turns": ["integrity"],
  "one-history": ["no-lost-turns"],
  "monotonic-reads": ["one-history"],
  "read-your-writes": ["one-history"],
  sequential: ["monotonic-reads", "read-your-writes"],
  linearizable: ["sequential"],
};

/** Whether a thread that satisfies `level` also satisfies `other`. Each level implies itself. */
export function implies(level: Level, other: Level): boolean {
  return level === other || requires[level].some((required) => implies(required, other));
}

/** The given levels that no other given level implies: one or two; empty for an empty list. */
export function highest(among: readonly Level[]): Level[] {
  return among.filter((level) => !among.some((other) => other !== level && implies(other, level)));
}

/** The levels that a thread satisfies if it satisfies at most `top` and breaks `broken`. */
export function keptLevels(broken: readonly Level[], top: Level = "linearizable"): Level[] {
  return levels.filter(
    (level) => implies(top, level) && !broken.some((lower) => implies(level, lower)),
  );
}
