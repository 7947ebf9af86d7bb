/**
 * Levels of consistency of one thread. The upper four have the names of Jepsen's map of consistency
 * models (https://jepsen.io/consistency); the lower three say what a conversation needs before the
 * order of its turns matters.
 */
export const levels = [
  "integrity", // no list shows a foreign, refused, doubled or torn turn
  "no-lost-turns", // an acknowledged turn is in the last reads
  "one-history", // all lists are prefixes of one list
  "monotonic-reads", // no client sees less than it has seen before
  "read-your-writes", // a client sees the turns that were acknowledged to it
  "sequential", // one order of all turns and reads keeps the order of every client
  "linearizable", // that order keeps real time as well
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

/** Whether a thread that keeps `level` keeps `other` too; each level implies itself. */
export function implies(level: Level, other: Level): boolean {
  return level === other || requires[level].some((required) => implies(required, other));
}

/** Those of the given levels that no other of them implies: one, two, or none of none. */
export function highest(among: readonly Level[]): Level[] {
  return among.filter((level) => !among.some((other) => other !== level && implies(other, level)));
}

/** The levels that a thread keeps which keeps at most `top` and breaks `broken`. */
export function keptLevels(broken: readonly Level[], top: Level = "linearizable"): Level[] {
  return levels.filter(
    (level) => implies(top, level) && !broken.some((lower) => implies(level, lower)),
  );
}
