import type { EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding, Outage } from "./findings.ts";
import { isWithin, outagesIn, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, servedBy } from "./turns.ts";

/**
 * While the model gives no reply no turn is reported as done: what is said in its place, or is left
 * of a reply that broke off, would be taken for what the model has said.
 */
export const noSuccessWithoutReply: Checker = {
  name: "no-success-without-reply",
  needs: ["model"],
  judge,
};

/** A turn that was reported as done although the model had not replied, and what it did instead. */
interface Made {
  readonly attempt: Attempt;
  readonly outage: Outage;
  readonly answers: readonly EntryOf<"model.answer">[];
}

function judge(history: History): Verdict {
  const attempts = attemptsOf(history).filter(({ begin }) => begin.purpose === "workload");
  const outages = outagesIn(history, "replies");
  const met = outages.flatMap((outage) =>
    attempts
      .filter((attempt) => isWithin(attempt, outage))
      .map((attempt) => ({ attempt, outage, answers: answersTo(history, attempt) })),
  );
  const made = met.filter(
    ({ attempt, outage, answers }) =>
      attempt.end?.outcome.kind === "ok" &&
      attempt.end.seq < outage.until &&
      !answers.some(({ token }) => token !== null),
  );
  const partial = made.filter(isPartial);
  const invented = made.filter((it) => !partial.includes(it));
  const findings = [
    ...findingOf(invented, {
      kind: "unreplied-success",
      how: "with a reply that the model had not given",
      remedy:
        "Let a model that fails fail the turn, with 502 or 503, and leave it to be finished by a" +
        " retry: an apology with 200 is saved as what the model has said, and nobody repeats what" +
        " was answered",
    }),
    ...findingOf(partial, {
      kind: "partial-reply",
      how: "with what had come of a reply that broke off",
      remedy:
        "Save a reply only with its end: finish_reason, message_stop or response.completed has to" +
        " be there, because a stream that is cut or given up by a gateway looks like one that is" +
        " over; without it fail the turn, so that a retry finishes it",
    }),
  ];
  if (met.length > 0) return verdictOf(findings, { kind: "holds", checked: met.length });
  const because = "no turn was under way while the model gave no reply";
  return { kind: "inconclusive", because };
}

/** Made of a reply that broke off: half of that was heard, so its beginning is there. */
function isPartial({ attempt, answers }: Made): boolean {
  const outcome = attempt.end?.outcome;
  const reply = outcome?.kind === "ok" ? outcome.reply : "";
  return answers.some(
    ({ brokeOff }) =>
      brokeOff !== undefined && reply.includes(brokeOff.slice(0, Math.floor(brokeOff.length / 4))),
  );
}

/** What the model has answered for the turn of an attempt until that ended. */
function answersTo(history: History, { begin, end }: Attempt): EntryOf<"model.answer">[] {
  const calls = new Set(
    entriesOf(history, "model.call").flatMap(({ call, turn }) =>
      turn === begin.turn ? [call] : [],
    ),
  );
  return entriesOf(history, "model.answer").filter(
    ({ call, seq }) => calls.has(call) && seq < (end?.seq ?? Infinity),
  );
}

function findingOf(
  made: readonly Made[],
  { kind, how, remedy }: { kind: string; how: string; remedy: string },
): Finding[] {
  const first = made[0];
  if (first === undefined) return [];
  const { attempt, outage } = first;
  const more = made.length === 1 ? "" : ` (and ${made.length - 1} more)`;
  const outcome = attempt.end?.outcome;
  const reply = outcome?.kind === "ok" ? outcome.reply.slice(0, 80) : "";
  const because =
    `turn ${attempt.begin.turn} was reported as done by ${servedBy(attempt) ?? "a replica"}, ` +
    `${how} (${outage.name}): ${JSON.stringify(reply)}${more}`;
  return [
    {
      diagnosis: { kind, because, remedy, faults: [outage.name] },
      evidence: made.flatMap(({ attempt: { begin, end }, outage: { begin: fault }, answers }) => [
        fault,
        begin,
        ...answers,
        ...(end === null ? [] : [end]),
      ]),
    },
  ];
}
