import type { History } from "../../history/history.ts";
import type { Checker } from "../../checkers/verdict.ts";
import { actInWords, scheduleOf } from "./schedule.ts";

/**
 * Checks that a replay did the same as the recorded run. A missing act, a point that was not
 * reached or a failed act makes the replay inconclusive, never violated.
 */
export function followsSchedule(record: History): Checker {
  return {
    name: "follows-schedule",
    needs: [],
    judge(history) {
      const then = scheduleOf(record).acts;
      const now = new Map(scheduleOf(history).acts.map((it) => [it.act, it]));
      const missed = then.flatMap((act) => {
        const again = now.get(act.act);
        if (again === undefined) return [`${actInWords(act)}: the replay did not reach it`];
        const failed = again.end?.failed;
        if (failed !== undefined && act.end?.failed === undefined) {
          return [`${actInWords(act)} failed: ${failed}`];
        }
        const { end } = act;
        if (act.does !== "reached" || end === null || typeof end.answer !== "string") return [];
        if (again.end !== null && again.end.answer !== null) return [];
        const point = then.find((it) => `act ${it.act}` === act.of);
        const what = point === undefined ? act.of : actInWords(point);
        return [`${what}: the record reached it on ${end.answer}, the replay did not`];
      });
      if (missed.length === 0) return { kind: "holds", checked: then.length };
      const [first = "", ...more] = missed;
      const others = more.length === 0 ? "" : `; and ${more.length} more`;
      return { kind: "inconclusive", because: `${first}${others}` };
    },
  };
}
