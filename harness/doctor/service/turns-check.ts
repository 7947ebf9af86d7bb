import { isDeepStrictEqual } from "node:util";
import type { EntryOf } from "../../history/history.ts";
import { isReply } from "../../history/token.ts";
import { type Attempt, turnsOf, type Evidence, readsOf, replyToken, threads } from "./observed.ts";
import { broken, type Finding, open, pathOf, short, works } from "./finding.ts";

/** The first turn gets a reply. */
export function turn(evidence: Evidence): Finding {
  const [first] = turnsOf(evidence, threads.first);
  if (first?.end == null) return broken("the turn never ended: check that the service replies");
  const { outcome } = first.end;
  if (outcome.kind !== "ok") return broken(refusalOf(evidence, first, first.end));
  const ms = Math.round(first.end.at - first.begin.at);
  const says = `“${short(outcome.reply, 60)}” after ${ms} ms`;
  const token = first.answers.findLast((it) => it.token !== null)?.token ?? undefined;
  if (token === undefined || replyToken(outcome.reply) === token) return works(says);
  return works(
    `${says}; the model said something else (${token}): check that say.reply finds the reply`,
  );
}

/** Why the first turn failed, and what to check. */
function refusalOf(
  { target, history }: Evidence,
  { begin }: Attempt,
  { outcome, status, replica }: EntryOf<"attempt.end">,
): string {
  const why = "why" in outcome ? outcome.why : "the turn waits for an approval";
  const died = history.entries.some(
    (it) => it.kind === "replica.exit" && it.replica === replica && it.seq > begin.seq,
  );
  const asked = typeof target.say === "function" ? "say" : pathOf(target.say);
  const says = `${asked} got ${outcome.kind}: ${short(why)}`;
  return `${says}; ${died ? `${replica} exited during the turn` : adviceOf(status, why, outcome.kind)}`;
}

function adviceOf(status: number | null, why: string, kind: string): string {
  if (kind === "interrupted") return "declare the approval request: resume";
  if (why.includes("page of HTML"))
    return "check the path of say, and any proxy in front of the service";
  if (status === null) return "check the path of say, and turnTimeoutMs";
  if (status < 300) return "check say.reply: it must point to the text of the reply";
  if (status === 401 || status === 403) return "check headers and login";
  if (status === 404) return "check the path of say, and thread: the service may have to create it";
  if (status === 405) return "check the method of say";
  if (status < 500) return "check the body of say, and thread";
  return "check the log of the service";
}

/** The read contains the message and the reply. */
export function read(evidence: Evidence): Finding {
  const { read: request } = evidence.target;
  if (request === undefined) {
    return open(
      'not declared: if the service can list a thread, add read: { get: "/…/${thread}", list: "$…" }',
    );
  }
  return viewed(evidence, "read", request, readsOf(evidence, threads.first)[0]);
}

/** The second view equals the read: a run would report a difference as a loss. */
export function secondView(evidence: Evidence): Finding {
  const { read: first, secondView: request } = evidence.target;
  if (request === undefined) {
    return open("not declared: add secondView, a request like read");
  }
  const reads = readsOf(evidence, threads.first);
  const seen = reads.at(-1);
  const finding = viewed(evidence, "secondView", request, seen);
  const other = first === undefined ? undefined : reads[0]?.list;
  if (finding.state !== "works" || other == null || seen?.list == null) return finding;
  if (isDeepStrictEqual(seen.list, other)) return works(`${finding.says}, as read does`);
  return broken(
    `it finds ${seen.list.length} marked messages, and read ${other.length}, or in another ` +
      "order: check secondView.list and secondView.newestFirst",
  );
}

type View = NonNullable<Evidence["target"]["secondView"]>;

/** Whether a view of the thread contains its first turn. */
function viewed(
  evidence: Evidence,
  name: "read" | "secondView",
  request: View,
  seen: EntryOf<"read.end"> | undefined,
): Finding {
  const [first] = turnsOf(evidence, threads.first);
  const where = [request.list].flat().join(" or ");
  if (seen === undefined || first === undefined) return broken("the read never ended");
  if (seen.list === null) {
    return broken(`${pathOf(request)}: ${short(seen.why ?? "no answer")}; check ${name}`);
  }
  if (!seen.list.includes(first.begin.turn)) {
    const found = seen.list.length === 0 ? "no token" : "other tokens";
    return broken(
      `${where} finds ${found} in the response, and not the last message: check ${name}.list`,
    );
  }
  const reply = seen.list.some(isReply);
  const part = reply ? "the message and the reply" : "the message, but no reply";
  return works(`${where} finds ${part}`);
}
