import { z } from "zod";
import { entriesOf, type History } from "../history/history.ts";

/** Where a run can show what a service remembers. */
export const eye = z.enum(["model wire", "state", "replies", "asking it to repeat"]);
export type Eye = z.infer<typeof eye>;

/** What showed the threads of a run, without those of the warm-up. */
export function seenThrough(history: History): Eye[] {
  const begins = entriesOf(history, "attempt.begin");
  const warmUp = new Set(begins.flatMap((it) => (it.purpose === "warm-up" ? [it.thread] : [])));
  const judged = begins.filter(({ thread }) => !warmUp.has(thread));
  const turns = new Set<string | null>(judged.map(({ turn }) => turn));
  const threads = new Set(judged.map(({ thread }) => thread));
  const repeats = new Set(judged.flatMap((it) => (it.purpose === "repeat" ? [it.attempt] : [])));
  const attempts = new Set(judged.map(({ attempt }) => attempt));
  const reads = new Set(
    entriesOf(history, "read.begin").flatMap((it) => (threads.has(it.thread) ? [it.read] : [])),
  );
  const shown = entriesOf(history, "attempt.end").filter(
    ({ attempt, list }) => list !== null && attempts.has(attempt),
  );
  const seen: Readonly<Record<Eye, boolean>> = {
    "model wire": entriesOf(history, "model.call").some(({ turn }) => turns.has(turn)),
    state: entriesOf(history, "read.end").some((it) => it.list !== null && reads.has(it.read)),
    replies: shown.some(({ attempt }) => !repeats.has(attempt)),
    "asking it to repeat": shown.some(({ attempt }) => repeats.has(attempt)),
  };
  return eye.options.filter((it) => seen[it]);
}
