/** One turn is in the thread more than once, or in part. */
import type { Fact, FlawedRead } from "../facts.ts";
import { isMessage } from "../../../history/token.ts";
import type { Hypothesis } from "../hypothesis.ts";
import type { Write } from "../operation.ts";

function doubled(fact: Fact): { readonly fact: FlawedRead; readonly write: Write } | null {
  if (fact.kind !== "flawed read") return null;
  if (fact.flaw.kind !== "twice" && fact.flaw.kind !== "other-reply") return null;
  const write = fact.thread.writes.find(({ turn }) => turn === fact.flaw.turn);
  return write === undefined ? null : { fact, write };
}

export const duplicatedTurn: Hypothesis = {
  kind: "duplicated-turn",
  requires: (fact) =>
    doubled(fact)?.write.repeated === "with-id"
      ? "it was sent again with the request id of the first attempt"
      : null,
  explains: (fact, shown) => followsFromDouble(fact, shown),
};

export const duplicatedResend: Hypothesis = {
  kind: "duplicated-resend",
  requires: (fact) =>
    doubled(fact)?.write.repeated === "bare" ? "it was sent again without a request id" : null,
  explains: (fact, shown) => followsFromDouble(fact, shown),
};

export const savedTwice: Hypothesis = {
  kind: "saved-twice",
  requires(fact, evidence) {
    const found = doubled(fact);
    if (found === null || found.fact.flaw.kind !== "twice") return null;
    if (found.write.repeated !== "no") return null;
    const others = fact.thread.writes.filter((it) => it !== found.write);
    return others.some((it) => evidence.overlap(it, found.write))
      ? null
      : "it was sent once, and no other turn was under way";
  },
  explains: (fact, shown) => followsFromDouble(fact, shown),
};

/** The copies push other turns apart. */
function followsFromDouble(fact: Fact, shown: readonly Fact[]): boolean {
  return (
    fact.kind === "flawed read" &&
    shown.some((it) => it.thread === fact.thread && doubled(it)?.write.turn === fact.flaw.turn)
  );
}

export const refusedTurnKept: Hypothesis = {
  kind: "refused-turn-kept",
  requires: (fact) =>
    fact.kind === "flawed read" && fact.flaw.kind === "refused-token"
      ? "the service had refused the turn"
      : null,
  explains: (fact, shown) =>
    fact.kind === "flawed read" &&
    shown.some((it) => it.kind === "flawed read" && it.flaw.turn === fact.flaw.turn),
};

/** A turn that was not answered stays open, and the next message comes over it. */
export const tornTurn: Hypothesis = {
  kind: "torn-turn",
  requires(fact) {
    if (fact.kind !== "flawed read" || !["torn", "stray-reply"].includes(fact.flaw.kind)) {
      return null;
    }
    const write = fact.thread.writes.find(({ turn }) => turn === fact.flaw.turn);
    return write !== undefined && write.outcome === "unknown"
      ? "it had not been answered when the next message came"
      : null;
  },
  explains: (fact, shown) =>
    fact.kind === "flawed read" &&
    shown.some((it) => it.kind === "flawed read" && it.flaw.turn === fact.flaw.turn),
};

/** A doubled turn whose first copy has no reply: the turn was started again, not resumed. */
export function startedAgain({ flaw, read, thread }: FlawedRead): boolean {
  const write = thread.writes.find(({ turn }) => turn === flaw.turn);
  const next = write && read.list[read.list.indexOf(write.token) + 1];
  if (flaw.kind !== "twice" || next === undefined || write === undefined) return false;
  return isMessage(next) || !write.replies.includes(next);
}
