import { isDeepStrictEqual } from "node:util";
import type { EntryOf } from "../../history/history.ts";
import { isReply } from "../../history/token.ts";
import { type Attempt, turnsOf, type Evidence, readsOf, replyToken, threads } from "./observed.ts";
import { broken, type Finding, open, pathOf, short, works } from "./finding.ts";

/** One turn comes back. */
export function turn(evidence: Evidence): Finding {
  const [first] = turnsOf(evidence, threads.first);
  if (first?.end == null) return broken("it had no end: is there a reply at all?");
  const { outcome } = first.end;
  if (outcome.kind !== "ok") return broken(refusalOf(evidence, first, first.end));
  const ms = Math.round(first.end.at - first.begin.at);
  const says = `“${short(outcome.reply, 60)}” after ${ms} ms`;
  const token = first.answers.findLast((it) => it.token !== null)?.token ?? undefined;
  if (token === undefined || replyToken(outcome.reply) === token) return works(says);
  return works(
    `${says}; the model had said another thing (${token}): is it the text of the reply?`,
  );
}

/** Why the first turn was not answered with ok, and what to look at. */
function refusalOf(
  { target, history }: Evidence,
  { begin }: Attempt,
  { outcome, status, replica }: EntryOf<"attempt.end">,
): string {
  const why = "why" in outcome ? outcome.why : "it waits for an approval";
  const died = history.entries.some(
    (it) => it.kind === "replica.exit" && it.replica === replica && it.seq > begin.seq,
  );
  const asked = typeof target.say === "function" ? "say" : pathOf(target.say);
  const says = `${asked} got ${outcome.kind}: ${short(why)}`;
  return `${says}; ${died ? `${replica} died of it` : adviceOf(status, why, outcome.kind)}`;
}

function adviceOf(status: number | null, why: string, kind: string): string {
  if (kind === "interrupted") return "say how it is answered, with resume";
  if (why.includes("page of HTML"))
    return "look at the path of say, and at what stands before the service";
  if (status === null) return "look at the path of say, and at turnTimeoutMs";
  if (status < 300) return "look at say.reply: where does the text of the reply stand?";
  if (status === 401 || status === 403) return "look at headers, and at login";
  if (status === 404) return "look at the path of say, and at thread: must it be made before?";
  if (status === 405) return "look at the method of say";
  if (status < 500) return "look at the body of say, and at thread";
  return "look at what the service has logged";
}

/** What was said and replied stands in the read. */
export function read(evidence: Evidence): Finding {
  const { read: request } = evidence.target;
  if (request === undefined) {
    return open(
      'none is declared: add read: { get: "/…/${thread}", list: "$…" } where there is one',
    );
  }
  return viewed(evidence, "read", request, readsOf(evidence, threads.first)[0]);
}

/** So it does in the second view, and nothing else: a run takes what differs for a loss. */
export function secondView(evidence: Evidence): Finding {
  const { read: first, secondView: request } = evidence.target;
  if (request === undefined) {
    return open("none is declared: add secondView, a request like read");
  }
  const reads = readsOf(evidence, threads.first);
  const seen = reads.at(-1);
  const finding = viewed(evidence, "secondView", request, seen);
  const other = first === undefined ? undefined : reads[0]?.list;
  if (finding.state !== "works" || other == null || seen?.list == null) return finding;
  if (isDeepStrictEqual(seen.list, other)) return works(`${finding.says}, as read does`);
  return broken(
    `it finds ${seen.list.length} messages with a token of ours, and read ${other.length}, or in ` +
      "another order: look at secondView.list and secondView.newestFirst",
  );
}

type View = NonNullable<Evidence["target"]["secondView"]>;

/** What a look at the thread shows of its first turn. */
function viewed(
  evidence: Evidence,
  name: "read" | "secondView",
  request: View,
  seen: EntryOf<"read.end"> | undefined,
): Finding {
  const [first] = turnsOf(evidence, threads.first);
  const where = [request.list].flat().join(" or ");
  if (seen === undefined || first === undefined) return broken("it had no end");
  if (seen.list === null) {
    return broken(`${pathOf(request)}: ${short(seen.why ?? "no answer")}; look at ${name}`);
  }
  if (!seen.list.includes(first.begin.turn)) {
    const found = seen.list.length === 0 ? "no token" : "other tokens";
    return broken(
      `${where} finds ${found} in it, and not what was just said: look at ${name}.list`,
    );
  }
  const reply = seen.list.some(isReply);
  const part = reply ? "what was said, and the reply" : "what was said, but no reply";
  return works(`${where} finds ${part}`);
}
