import { entriesOf } from "../history/history.ts";
import type { Checker } from "./verdict.ts";

/**
 * Every fault had an effect. A fault without one proves nothing, so the run is inconclusive: that
 * is the harness's failure, and never the service's. A workload without faults holds.
 */
export const faultsBit: Checker = {
  name: "faults-bit",
  needs: [],
  judge(history) {
    const begins = entriesOf(history, "fault.begin");
    const ends = entriesOf(history, "fault.end");
    const ended = new Set(ends.map(({ fault }) => fault));
    const missed = ends
      .filter(({ bite }) => !bite.bit)
      .map(({ name, bite }) => `${name} met nothing (${bite.what})`);
    const open = begins
      .filter(({ fault }) => !ended.has(fault))
      .map(({ name }) => `${name} was never healed, so its effect is not known`);
    const doubts = [...missed, ...open];
    if (doubts.length > 0) return { kind: "inconclusive", because: doubts.join("; ") };
    return { kind: "holds", checked: ends.length };
  },
};
