import type { Turn, Turns } from "../../history/turn.ts";

/** The turns that a prompt mentions, in order of appearance, with repetitions. */
type Mentioned = readonly Turn[];

/**
 * The turn that a model call belongs to: the last one that the prompt mentions. Another one that
 * is in flight takes its place if the last one is not: the history may come after the question, the
 * newest message first, or in no order.
 */
export function ownTurn(
  mentioned: Mentioned,
  turns: Turns,
  isNewestFirst: boolean,
): Turn | undefined {
  const last = mentioned.at(-1);
  if (last === undefined) return undefined;
  const flies = (turn: Turn) => turns.isInFlight(turn);
  if (flies(last) && !isNewestFirst) return last;
  const mine = mentioned.filter(({ thread }) => thread === last.thread);
  const newer = newest(mine.filter((turn) => flies(turn) && turn.begun > last.begun));
  if (newer !== undefined || flies(last)) return newer ?? last;
  // A turn with an unknown outcome may be resumed, but one that was acknowledged is over.
  const [first = last] = mine;
  if (isDescending(mine) && !first.settled && (last.settled || isNewestFirst)) return first;
  const others = mentioned.filter((turn) => turn.thread !== last.thread && flies(turn));
  return (last.settled ? newest(others) : undefined) ?? last;
}

/** Whether at least two turns of the thread appear, each one older than the one before. */
export function isDescending(mentioned: Mentioned): boolean {
  const each = mentioned.filter((turn, i) => turn !== mentioned[i - 1]);
  // The question may come after the history, which contains it as well.
  if (each.length > 2 && each[0] === each.at(-1)) each.pop();
  return each.length > 1 && each.every(({ begun }, i) => begun < (each[i - 1]?.begun ?? Infinity));
}

function newest(turns: Mentioned): Turn | undefined {
  return turns.toSorted((one, other) => one.begun - other.begun).at(-1);
}
