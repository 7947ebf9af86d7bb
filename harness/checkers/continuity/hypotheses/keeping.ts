/** The service does not keep the conversation, or does not show it, whatever the faults. */
import { isMessage, isReply, type Token } from "../../../history/token.ts";
import type { Evidence } from "../run-evidence.ts";
import { type Disagreement, isOfSameThread } from "../facts.ts";
import type { Hypothesis } from "../hypothesis.ts";
import type { Observation } from "../observations.ts";
import type { ThreadOperations, Write } from "../operation.ts";

/** What it shows of other turns than its own. */
function others({ list, own }: Observation): readonly Token[] {
  const place = own === null ? -1 : list.indexOf(own);
  return place < 0 ? list : list.toSpliced(place, 2);
}

/** What a model call or a state shows; a reply may repeat only itself. */
const isView = ({ real, source }: Observation): boolean => real && source !== "reply";

/** Acknowledged turns that had ended before an observation began, in order. */
function dueBefore({ writes }: ThreadOperations, { begin, own }: Observation): Write[] {
  return writes
    .filter(({ outcome, end, token }) => outcome === "ok" && end < begin && token !== own)
    .toSorted((one, other) => one.begin - other.begin);
}

/** The maker of a missing turn is the very process that lacks it. */
export function withinOneLife({ before, after, missing }: Disagreement, evidence: Evidence) {
  const { life } = after;
  if (life === null || !after.real) return false;
  return before.life === life || missing.some((token) => evidence.makerOf(token) === life);
}

export const noMemory: Hypothesis = {
  kind: "no-memory",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || !withinOneLife(fact, evidence)) return null;
    if (!isView(fact.after) || others(fact.after).length > 0) return null;
    return `${fact.after.replica ?? "the replica"} had not restarted, and remembers nothing`;
  },
  excludes(_shown, evidence) {
    const known = evidence.operations.threads.some((thread) =>
      evidence.observationsOf(thread).some((it) => it.real && others(it).length > 0),
    );
    return known ? "some list shows an earlier turn" : null;
  },
  explains: () => true,
};

export const startsAnew: Hypothesis = {
  kind: "starts-anew",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || !withinOneLife(fact, evidence)) return null;
    const views = evidence.observationsOf(fact.thread).filter(isView);
    const late = views.filter((it) => dueBefore(fact.thread, it).length >= 2);
    if (evidence.overlapping(fact.thread, fact.missing, null)) return null;
    const isLastOnly = (it: Observation) => {
      const newest = dueBefore(fact.thread, it).at(-1);
      return others(it).every(
        (token) => token === newest?.token || newest?.replies.includes(token) === true,
      );
    };
    // It happens again and again: a thread that was lost once begins anew as well.
    const erased = new Set(
      late.flatMap((it) => {
        const newest = dueBefore(fact.thread, it).at(-1);
        return newest && others(it).length > 0 ? [newest] : [];
      }),
    );
    if (erased.size < 2 || !late.every(isLastOnly)) return null;
    return "no list shows more than the last turn: each turn erases the one before it";
  },
  explains: isOfSameThread,
};

/** A state that was read after the turns shows them all, and the prompts do not. */
export const notShownToModel: Hypothesis = {
  kind: "not-shown-to-model",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || fact.after.source !== "model") return null;
    if (!withinOneLife(fact, evidence) || !isInState(fact, evidence)) return null;
    return "the thread itself shows it, so it is stored, and the prompt leaves it out";
  },
  excludes(shown, evidence) {
    const lacks = shown.some(({ thread }) => {
      const states = evidence.observationsOf(thread).filter(isState);
      return states.some((it) =>
        dueBefore(thread, it).some(({ token }) => !it.list.includes(token)),
      );
    });
    return lacks ? "the thread itself lacks turns as well" : null;
  },
  explains: (fact, shown, evidence) =>
    fact.kind === "disagreement" &&
    fact.after.source === "model" &&
    isInState(fact, evidence) &&
    isOfSameThread(fact, shown),
};

const isState = ({ real, source }: Observation) => real && source === "state";

/** A state shows all missing turns, in time for the prompt or at any time after it. */
function isInState({ thread, missing, before }: Disagreement, evidence: Evidence): boolean {
  if (missing.length === 0) return false;
  return evidence
    .observationsOf(thread)
    .some((it) => isState(it) && it.end >= before.end && missing.every((t) => it.list.includes(t)));
}

export const replyNotKept: Hypothesis = {
  kind: "reply-not-kept",
  requires(fact, evidence) {
    if (fact.kind !== "flawed read" || fact.flaw.kind !== "torn") return null;
    const torn = fact.thread.writes.find(({ turn }) => turn === fact.flaw.turn);
    if (torn?.outcome !== "ok" || torn.acknowledged.length === 0) return null;
    const kept = evidence.operations.threads.some(({ reads }) =>
      reads.some(({ source, list }) => source !== "reply" && list.some(isReply)),
    );
    return kept ? null : "no list shows any reply, although the messages are there";
  },
  explains: () => true,
};

/** The missing turns are older than all that the list shows. */
function isCutAtTheBegin({ thread, missing, after }: Disagreement): boolean {
  const shown = thread.writes.filter(
    ({ token, outcome }) => outcome === "ok" && token !== after.own && after.list.includes(token),
  );
  const gone = thread.writes.filter(({ token }) => missing.includes(token));
  const oldest = Math.min(...shown.map(({ begin }) => begin));
  return shown.length > 0 && gone.length > 0 && gone.every(({ end }) => end < oldest);
}

export const trimmedHistory: Hypothesis = {
  kind: "trimmed-history",
  requires(fact, evidence) {
    if (fact.kind !== "disagreement" || !isView(fact.after) || !isCutAtTheBegin(fact)) return null;
    const { source } = fact.after;
    const cut = evidence
      .observationsOf(fact.thread)
      .filter((it) => isView(it) && it.source === source)
      .map((it) => ({ it, due: dueBefore(fact.thread, it) }))
      .filter(({ it, due }) => due.some(({ token }) => !it.list.includes(token)));
    const sizes = cut.map(({ it }) => others(it).filter(isMessage).length);
    const isEnd = cut.every(({ it, due }) => isSuffix(others(it), due));
    const counts = new Set(cut.map(({ due }) => due.length));
    // A window slides: at least two lists of different threads' lengths end with the newest turn.
    if (!isEnd || counts.size < 2 || Math.max(...sizes) - Math.min(...sizes) > 2) return null;
    const most = Math.max(...sizes);
    return `each such list is the end of the conversation, at most ${most} turns`;
  },
  explains: (fact, shown) =>
    isOfSameThread(fact, shown) &&
    (fact.kind === "disagreement"
      ? isCutAtTheBegin(fact)
      : fact.kind === "flawed read" && fact.flaw.index === 0),
};

/** The list is the end of what is due, as far as turns are acknowledged. */
function isSuffix(list: readonly Token[], due: readonly Write[]): boolean {
  const messages = list.filter(isMessage).filter((t) => due.some(({ token }) => token === t));
  const end = due.slice(due.length - messages.length).map(({ token }) => token);
  return end.every((token, place) => messages[place] === token);
}

/** The list shows each acknowledged turn once, in another order. */
export const reordered: Hypothesis = {
  kind: "reordered",
  requires(fact, evidence) {
    if (fact.kind === "broken level") {
      return fact.broken.because.includes("took a place before it")
        ? "the turns are there in another order"
        : null;
    }
    const read = fact.kind === "flawed read" ? fact.read : fact.after;
    if (fact.kind === "flawed read" && !disorder.includes(fact.flaw.kind)) return null;
    if (fact.kind === "disagreement" && fact.missing.length > 0) return null;
    if (new Set(read.list).size < read.list.length) return null;
    const due = fact.thread.writes.filter(
      ({ outcome, end, token }) => outcome === "ok" && end < read.begin && token !== read.own,
    );
    const isWhole = due.every(
      ({ token, acknowledged }) =>
        read.list.includes(token) && acknowledged.every((it) => read.list.includes(it)),
    );
    if (due.length < 2 || !isWhole || isInOrder(read.list, due)) return null;
    const tokens = due.map(({ token }) => token);
    if (evidence.overlapping(fact.thread, tokens, tokens)) return null;
    return "all its turns are there, in another order than they were said";
  },
  explains: isOfSameThread,
};

const disorder: readonly string[] = ["torn", "stray-reply", "other-reply"];

function isInOrder(list: readonly Token[], due: readonly Write[]): boolean {
  const inOrder = due
    .toSorted((one, other) => one.begin - other.begin)
    .flatMap(({ token, acknowledged }) => [token, ...acknowledged.slice(-1)]);
  const shown = list.filter((token) => inOrder.includes(token));
  return shown.every((token, place) => token === inOrder[place]);
}
