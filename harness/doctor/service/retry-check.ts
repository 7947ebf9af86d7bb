import { type Attempt, attemptsOf, type Evidence, seenOn, threads } from "./observed.ts";
import { broken, type Finding, open, pathOf, short, works } from "./finding.ts";

/** A retry does what is declared of it. */
export function retry(evidence: Evidence): Finding {
  const { target } = evidence;
  if (target.retry === "none") return open("none is declared: turns without an answer stay so");
  if (target.retry === "wait") return open("declared as wait: the thread is read instead");
  if (target.retry === "resend") return open("declared as resend: tried where there is no answer");
  const [first, second] = attemptsOf(evidence, threads.retried);
  if (first?.end == null || second?.end == null) return broken("a repeated turn had no end");
  if (second.end.outcome.kind !== "ok") {
    const { outcome } = second.end;
    const why = "why" in outcome ? outcome.why : outcome.kind;
    return broken(
      `a turn that was answered, said again as declared (${target.retry}): ${short(why)}`,
    );
  }
  const times = timesOnThread(evidence, first.begin.turn);
  const seen = times === null ? "" : `, and stands ${times} × on the thread`;
  if (typeof target.say !== "function" && !JSON.stringify(target.say).includes("${turn}")) {
    return broken("declared as same-request-id, but ${turn} stands nowhere in say");
  }
  return ran(second) || (times ?? 1) > 1
    ? broken(`declared as same-request-id, but a turn that is said twice runs again${seen}`)
    : works(`same-request-id: a turn that is said twice runs once${seen}`);
}

/** How often a message stands in the last list of its thread; null: nothing has been seen. */
function timesOnThread(evidence: Evidence, token: string): number | null {
  const last = seenOn(evidence, threads.retried).at(-1);
  return last === undefined ? null : last.filter((it) => it === token).length;
}

/** Whether its message came to the model. */
function ran({ begin, calls }: Attempt): boolean {
  return calls.some(({ transcript }) => transcript.some(({ text }) => text.includes(begin.turn)));
}

/** A thread can be deleted. */
export function deletion({ target, history }: Evidence): Finding {
  if (target.delete === undefined) {
    return open('none is declared: add delete: { delete: "/…/${thread}" } where there is one');
  }
  const done = history.entries.find((it) => it.kind === "thread.deleted");
  const says = `${pathOf(target.delete)} answered ${done?.status ?? "nothing"}`;
  return done?.ok === true ? works(says) : broken(`${says}: look at delete`);
}
