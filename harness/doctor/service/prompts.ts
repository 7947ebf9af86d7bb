import type { EntryOf } from "../../history/history.ts";
import { answered, turnsOf, type Evidence, ownCalls, threads } from "./observed.ts";
import { broken, type Finding, open, short, works } from "./finding.ts";

/** How many calls a plain turn makes: each is a point at which it can be caught. */
export function modelCalls(evidence: Evidence): Finding {
  const counts = plainTurns(evidence).map((attempt) => ownCalls(attempt).length);
  if (counts.length === 0) return open("no turn has been answered");
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 0) return broken("no call of a turn has been seen");
  const many = least === most ? String(least) : `${least} to ${most}`;
  return works(`${many} per turn${most > 1 ? ": each is a moment in which it can be killed" : ""}`);
}

/** Calls that belong to no turn: titles, summaries. They are answered, never held nor judged. */
export function sideCalls(evidence: Evidence): Finding {
  const turns = plainTurns(evidence);
  const calls = turns.flatMap((attempt) => attempt.calls.filter(({ turn }) => turn === null));
  if (turns.length === 0) return open("no turn has been answered");
  if (calls.length === 0) return works("none: every call belongs to a turn");
  const looks = [...new Set(calls.map(lookOf))].slice(0, 3).map((it) => `“${it}”`);
  return works(`${calls.length} in ${turns.length} turns, as ${looks.join(", ")}`);
}

/** What tells a side call: its instruction, or else its first words. */
function lookOf({ transcript }: EntryOf<"model.call">): string {
  const first = transcript.find(({ role }) => role === "system") ?? transcript[0];
  return short(first?.text ?? "an empty prompt", 60);
}

/** How the history reaches the model: as messages, or put into the text of one. */
export function promptShape(evidence: Evidence): Finding {
  const [, second] = turnsOf(evidence, threads.first);
  const call = second === undefined ? undefined : ownCalls(second)[0];
  if (call === undefined) return open("no second turn of a thread came to the model");
  const roles = call.transcript.map(({ role }) => role);
  const spoken = roles.filter((role) => role !== "system" && role !== "developer");
  if (call.list.length === 0) return open("the history is not in the prompt of a second turn");
  return spoken.length <= 1
    ? works(`the history stands in the text of one message (${roles.join(", ")})`)
    : works(`the history comes as messages (${roles.join(", ")})`);
}

/** Without tools, which have a call more for each; after the one from which is learned. */
function plainTurns(evidence: Evidence) {
  const { retried, unknown } = threads;
  return answered(evidence)
    .slice(1)
    .filter(
      ({ begin: { steps, thread } }) =>
        steps.length === 0 && thread !== unknown && thread !== retried,
    );
}
