import { type Attempt, attemptsOf, type Evidence, seenOn, threads } from "./observed.ts";
import { broken, type Finding, open, pathOf, short, works } from "./finding.ts";

/** A retry behaves as declared. */
export function retry(evidence: Evidence): Finding {
  const { target } = evidence;
  if (target.retry === "none") return open("declared as none: clients do not repeat a turn");
  if (target.retry === "wait") return open("declared as wait: clients read the thread instead");
  if (target.retry === "resend")
    return open("declared as resend: clients repeat a turn without a response");
  const [first, second] = attemptsOf(evidence, threads.retried);
  if (first?.end == null || second?.end == null) return broken("a repeated turn never ended");
  if (second.end.outcome.kind !== "ok") {
    const { outcome } = second.end;
    const why = "why" in outcome ? outcome.why : outcome.kind;
    return broken(`repeating an answered turn as declared (${target.retry}) failed: ${short(why)}`);
  }
  const times = timesOnThread(evidence, first.begin.turn);
  const seen = times === null ? "" : `, and is ${times} × on the thread`;
  if (typeof target.say !== "function" && !JSON.stringify(target.say).includes("${turn}")) {
    return broken("declared as same-request-id, but say does not contain ${turn}");
  }
  return ran(second) || (times ?? 1) > 1
    ? broken(`declared as same-request-id, but a repeated turn runs again${seen}`)
    : works(`same-request-id: a repeated turn runs once${seen}`);
}

/** How often the last list of the thread contains a message; null: no list. */
function timesOnThread(evidence: Evidence, token: string): number | null {
  const last = seenOn(evidence, threads.retried).at(-1);
  return last === undefined ? null : last.filter((it) => it === token).length;
}

/** Whether a model call contains the message of the attempt. */
function ran({ begin, calls }: Attempt): boolean {
  return calls.some(({ transcript }) => transcript.some(({ text }) => text.includes(begin.turn)));
}

/** A thread can be deleted. */
export function deletion({ target, history }: Evidence): Finding {
  if (target.delete === undefined) {
    return open(
      'not declared: if the service can delete a thread, add delete: { delete: "/…/${thread}" }',
    );
  }
  const done = history.entries.find((it) => it.kind === "thread.deleted");
  const says = `${pathOf(target.delete)} answered ${done?.status ?? "nothing"}`;
  return done?.ok === true ? works(says) : broken(`${says}: check delete`);
}
