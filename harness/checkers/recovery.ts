import { z } from "zod";
import type { DeepReadonly } from "../history/deep-readonly.ts";
import type { History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import { type Attempt, attemptsOf } from "./turns.ts";

/** How a thread came back after the faults were healed; or the service, by its worst thread. */
export const recovery = z.object({
  how: z.enum(["by itself", "needs a restart", "never"]),
  /**
   * From the begin of the first attempt after the heal to the begin of the one that was answered:
   * 0 is at once.
   */
  afterMs: z.number().nonnegative().nullable().describe("null: not without a restart"),
});
export type Recovery = DeepReadonly<z.infer<typeof recovery>>;

/** The last turns on one thread, before and after the engine started the replicas again. */
export interface ThreadRecovery extends Recovery {
  readonly thread: string;
  readonly asked: readonly Attempt[];
  readonly askedAgain: readonly Attempt[];
}

/** The recovery of each thread that was asked after the heal. */
export function recoveriesOf(history: History): ThreadRecovery[] {
  const final = phaseSeq(history, "final");
  const restart = phaseSeq(history, "restart");
  const lasts = attemptsOf(history).filter(
    ({ begin }) => begin.purpose === "last" && begin.seq > final,
  );
  return [...Map.groupBy(lasts, ({ begin }) => begin.thread)].map(([thread, attempts]) => {
    const asked = attempts.filter(({ begin }) => begin.seq < restart);
    const askedAgain = attempts.filter(({ begin }) => begin.seq > restart);
    const answered = asked.find(isAnswered);
    const afterMs =
      answered === undefined ? null : answered.begin.at - (asked[0]?.begin.at ?? Infinity);
    const how =
      afterMs !== null ? "by itself" : askedAgain.some(isAnswered) ? "needs a restart" : "never";
    return { thread, how, afterMs, asked, askedAgain };
  });
}

const worstFirst = ["never", "needs a restart", "by itself"] as const;

/** The worst recovery; null: no thread was asked. */
export function worstRecovery(history: History): Recovery | null {
  const all = recoveriesOf(history).map(({ how, afterMs }) => ({ how, afterMs }));
  const rank = ({ how }: Recovery) => worstFirst.indexOf(how);
  const [worst] = all.toSorted(
    (one, other) => rank(one) - rank(other) || (other.afterMs ?? 0) - (one.afterMs ?? 0),
  );
  return worst ?? null;
}

/** `seq` of the begin of a phase; Infinity: the run did not reach it. */
function phaseSeq(history: History, name: "final" | "restart"): number {
  return entriesOf(history, "phase").find(({ phase }) => phase === name)?.seq ?? Infinity;
}

/** The history up to the engine's restart of every replica, which comes before the last reads. */
export function untilRestart(history: History): History {
  const restart = phaseSeq(history, "restart");
  if (restart === Infinity) return history;
  return { header: history.header, entries: history.entries.filter(({ seq }) => seq < restart) };
}

function isAnswered({ end }: Attempt): boolean {
  return end?.outcome.kind === "ok";
}
