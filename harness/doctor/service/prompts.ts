import type { EntryOf } from "../../history/history.ts";
import { answered, turnsOf, type Evidence, ownCalls, threads } from "./observed.ts";
import { broken, type Finding, open, short, works } from "./finding.ts";

/** Number of model calls of a plain turn. Each is a point at which a scenario can kill. */
export function modelCalls(evidence: Evidence): Finding {
  const counts = plainTurns(evidence).map((attempt) => ownCalls(attempt).length);
  if (counts.length === 0) return open("no turn was answered");
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 0) return broken("no turn called the model");
  const many = least === most ? String(least) : `${least} to ${most}`;
  return works(
    `${many} per turn${most > 1 ? ": a scenario can kill the replica at each of them" : ""}`,
  );
}

/** Calls without a turn, such as titles and summaries. They are answered, but never judged. */
export function sideCalls(evidence: Evidence): Finding {
  const turns = plainTurns(evidence);
  const calls = turns.flatMap((attempt) => attempt.calls.filter(({ turn }) => turn === null));
  if (turns.length === 0) return open("no turn was answered");
  if (calls.length === 0) return works("none: every call belongs to a turn");
  const examples = [...new Set(calls.map(excerptOf))].slice(0, 3).map((it) => `“${it}”`);
  return works(`${calls.length} in ${turns.length} turns, for example ${examples.join(", ")}`);
}

/** The first words of a side call: of its system message if it has one. */
function excerptOf({ transcript }: EntryOf<"model.call">): string {
  const first = transcript.find(({ role }) => role === "system") ?? transcript[0];
  return short(first?.text ?? "an empty prompt", 60);
}

/** How the prompt contains the history: as messages, or as text in one message. */
export function promptShape(evidence: Evidence): Finding {
  const [, second] = turnsOf(evidence, threads.first);
  const call = second === undefined ? undefined : ownCalls(second)[0];
  if (call === undefined) return open("no second turn of a thread called the model");
  const roles = call.transcript.map(({ role }) => role);
  const dialogue = roles.filter((role) => role !== "system" && role !== "developer");
  if (call.list.length === 0)
    return open("the prompt of a second turn does not contain the history");
  return dialogue.length <= 1
    ? works(`the prompt has the history as text in one message (${roles.join(", ")})`)
    : works(`the prompt has the history as messages (${roles.join(", ")})`);
}

/** Answered turns without tools, because tools add calls. Skips the turn that trains side calls. */
function plainTurns(evidence: Evidence) {
  const { retried, unknown } = threads;
  return answered(evidence)
    .slice(1)
    .filter(
      ({ begin: { steps, thread } }) =>
        steps.length === 0 && thread !== unknown && thread !== retried,
    );
}
