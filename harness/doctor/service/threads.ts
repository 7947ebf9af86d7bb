import { inWords } from "../../checkers/findings.ts";
import type { Target } from "../../config/configuration.ts";
import { turnsOf, type Evidence, saidOn, seenOn, threadOn, threads } from "./observed.ts";
import { broken, type Finding, open, short, works } from "./finding.ts";

/** Two threads on one replica are isolated, and each remembers its own messages. */
export function threadsApart(evidence: Evidence): Finding {
  const { first, second } = threads;
  const mixed = [
    mixture(evidence, { thread: first, with: second }),
    mixture(evidence, { thread: second, with: first }),
  ].find((it) => it !== null);
  if (mixed != null) return broken(`${mixed}: ${threadAdvice(evidence.target)}`);
  const again = [first, second].map((thread) => turnsOf(evidence, thread)[1]);
  const failed = again.find((it) => it?.end?.outcome.kind !== "ok");
  if (failed !== undefined || again.includes(undefined)) {
    const outcome = failed?.end?.outcome;
    const why = outcome !== undefined && "why" in outcome ? outcome.why : "it never ended";
    return broken(`the second turn of a thread failed: ${short(why)}`);
  }
  const seen = [first, second].map((thread) => seenOn(evidence, thread));
  if (seen.every((lists) => lists.length === 0)) {
    return open(
      "the agent's memory cannot be observed: the model is not ours, and read is missing",
    );
  }
  const forgets = [first, second].find((thread) => !remembers(evidence, thread));
  return forgets === undefined
    ? works("two threads are isolated, and each remembers its messages")
    : broken(
        `the second turn of a thread does not see the first, although on the same replica: ` +
          threadAdvice(evidence.target),
      );
}

function mixture(evidence: Evidence, pair: { thread: string; with: string }): string | null {
  const foreign = saidOn(evidence, pair.with);
  const all = turnsOf(evidence, pair.thread).flatMap((it) => it.calls.map(({ list }) => list));
  const lists = [...all, ...seenOn(evidence, pair.thread)];
  return lists.some((list) => list.some((token) => foreign.has(token)))
    ? `thread "${pair.thread}" sees a message of thread "${pair.with}"`
    : null;
}

function remembers(evidence: Evidence, thread: string): boolean {
  const [first] = turnsOf(evidence, thread);
  const lists = seenOn(evidence, thread);
  return first !== undefined && lists.some((list) => list.includes(first.begin.turn));
}

function threadAdvice({ say, thread }: Target): string {
  const isSent = typeof say === "function" || JSON.stringify(say).includes("${thread}");
  const isCaptured = thread !== undefined && !("make" in thread);
  return isSent || isCaptured
    ? "check that the service reads the thread id from where say sends it"
    : "say does not contain ${thread}, so it sends no thread id";
}

/** A request for a named replica reaches this replica. */
export function replicas(evidence: Evidence): Finding {
  const { replicas: names } = evidence.history.header;
  if (names.length < 2) {
    return open("only one: scenarios that need two will not run");
  }
  const [one = "", ...others] = names;
  const asked = [
    [one, turnsOf(evidence, threads.first)[0]] as const,
    ...others.map((name) => [name, turnsOf(evidence, threadOn(name))[0]] as const),
  ];
  for (const [name, attempt] of asked) {
    const end = attempt?.end ?? null;
    if (end?.outcome.kind !== "ok") {
      const outcome = end?.outcome;
      const why = outcome !== undefined && "why" in outcome ? outcome.why : "it never ended";
      return broken(`a turn on ${name} failed: ${short(why)}`);
    }
    if (end.replica === null) return open("responses do not name the replica: add served, or pin");
    if (end.replica !== name) return broken(`a request for ${name} reached ${end.replica}`);
  }
  return works(`${inWords(names)} each answer their own requests`);
}

/** The response to a turn on a thread id that does not exist. */
export function unknownThread(evidence: Evidence): Finding {
  const { thread, refusals } = evidence.target;
  const [attempt] = turnsOf(evidence, threads.unknown);
  if (attempt?.end == null) return broken("a turn on an unknown thread never ended");
  const { outcome, status } = attempt.end;
  const oursToMake = thread === undefined || "make" in thread;
  const ran = attempt.calls.length > 0 ? ", and the model was called" : "";
  if (outcome.kind === "ok") {
    return oursToMake
      ? open("clients choose thread ids, so the service accepts any id")
      : open(`the service answers a turn on an unknown thread (${status})${ran}`);
  }
  if (outcome.kind === "failed") return works(`refused with ${status}, without a model call`);
  if (status !== null && status >= 400 && !refusals.includes(status)) {
    const also = status < 500 ? `: if this is a refusal, add ${status} to refusals` : "";
    return open(`answered with ${status}${ran}, which is not in refusals${also}`);
  }
  const why = "why" in outcome ? outcome.why : outcome.kind;
  return open(`neither refused nor answered${ran}: ${short(why)}`);
}
