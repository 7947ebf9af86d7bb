import type { EntryOf, History } from "../history/history.ts";

import type { Checker, Verdict } from "./verdict.ts";
import type { Finding, Outage } from "./findings.ts";
import { andMore, finding, isWithin, outagesIn, verdictOf } from "./findings.ts";
import type { Attempt, Turn } from "./turns.ts";
import { servedBy, turnsOf } from "./turns.ts";

/**
 * While the model does not reply, no turn is reported as done: the user would take a made-up reply,
 * or the beginning of a broken-off one, for what the model said.
 */
export const noSuccessWithoutReply: Checker = {
  name: "no-success-without-reply",
  needs: ["model"],
  judge,
};

/** A turn that was reported as done without a reply of the model. */
interface Made {
  readonly attempt: Attempt;
  readonly outage: Outage;
  /** What the model had answered for the turn until then. */
  readonly answers: readonly EntryOf<"model.answer">[];
}

function judge(history: History): Verdict {
  const turns = turnsOf(history).filter(({ purpose }) => purpose === "workload");
  const met = outagesIn(history, "replies").flatMap((outage) =>
    turns.flatMap((turn) =>
      turn.attempts
        .filter((attempt) => isWithin(attempt, outage))
        .map((attempt) => ({ attempt, outage, answers: answersUntilEnd(turn, attempt) })),
    ),
  );
  const made = met.filter(
    ({ attempt, outage, answers }) =>
      attempt.end?.outcome.kind === "ok" &&
      attempt.end.seq < outage.until &&
      !answers.some(({ token }) => token !== null),
  );
  const partial = made.filter(isPartial);
  const invented = made.filter((one) => !partial.includes(one));
  const findings = [
    ...findingOf(invented, "unreplied-success", "with a reply that the model had not given"),
    ...findingOf(partial, "partial-reply", "with the beginning of a reply that broke off"),
  ];
  if (met.length > 0) return verdictOf(findings, { kind: "holds", checked: met.length });
  const because = "no turn was under way while the model gave no reply";
  return { kind: "inconclusive", because };
}

/** The reply holds the beginning of one that broke off: the service had received half of it. */
function isPartial({ attempt, answers }: Made): boolean {
  const outcome = attempt.end?.outcome;
  const reply = outcome?.kind === "ok" ? outcome.reply : "";
  return answers.some(
    ({ brokeOff }) =>
      brokeOff !== undefined && reply.includes(brokeOff.slice(0, Math.floor(brokeOff.length / 4))),
  );
}

function answersUntilEnd({ modelAnswers }: Turn, { end }: Attempt): EntryOf<"model.answer">[] {
  return modelAnswers.filter(({ seq }) => seq < (end?.seq ?? Infinity));
}

function findingOf(
  made: readonly Made[],
  kind: "unreplied-success" | "partial-reply",
  how: string,
): Finding[] {
  const first = made[0];
  if (first === undefined) return [];
  const { attempt, outage } = first;

  const outcome = attempt.end?.outcome;
  const reply = outcome?.kind === "ok" ? outcome.reply.slice(0, 80) : "";
  const because =
    `turn ${attempt.begin.turn} was reported as done by ${servedBy(attempt) ?? "a replica"}, ` +
    `${how} (${outage.name}): ${JSON.stringify(reply)}${andMore(made)}`;
  const evidence = made.flatMap(
    ({ attempt: { begin, end }, outage: { begin: fault }, answers }) => [
      fault,
      begin,
      ...answers,
      ...(end === null ? [] : [end]),
    ],
  );
  return [finding(kind, { because, evidence, faults: [outage.name] })];
}
