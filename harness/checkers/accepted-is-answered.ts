import { entriesOf, type EntryOf, type History } from "../history/history.ts";
import { isReply, type Token } from "../history/token.ts";
import type { Checker } from "./verdict.ts";
import { andMore, faultsBetween, finding, type Finding, verdictOf } from "./findings.ts";
import { type Attempt, entriesIn, outcomeInWords, servedBy, type Turn, turnsOf } from "./turns.ts";

/**
 * A receipt is an acknowledgement: a turn that the service accepted gets its reply. It may come in
 * a later poll, with a retry, or be in the thread at the end. A service that reports itself that
 * it gave the turn up has answered, and a client that leaves asks for nothing more.
 */
export const acceptedIsAnswered: Checker = { name: "accepted-is-answered", needs: [], judge };

/** A turn that was accepted, and the attempt that got the receipt. */
interface Accepted {
  readonly turn: Turn;
  readonly attempt: Attempt;
}

function judge(history: History) {
  const deleted = new Set(entriesOf(history, "thread.deleted").map(({ thread }) => thread));
  const accepted = turnsOf(history).flatMap((turn): Accepted[] => {
    const attempt = turn.attempts.find(({ begin, end }) => begin.sound && end?.accepted === true);
    if (attempt === undefined || deleted.has(turn.thread)) return [];
    return turn.purpose === "warm-up" || turn.purpose === "repeat" ? [] : [{ turn, attempt }];
  });
  const lists = listsOf(history);
  const isLast = isAfterHeal(history);
  const lost = accepted.filter((it) => {
    if (it.turn.outcome === "ok" || isSettled(history, it.turn)) return false;
    const later = lists.filter(
      ({ thread, seq }) => thread === it.turn.thread && seq > it.attempt.begin.seq,
    );
    if (later.some(({ list }) => isAnsweredIn(list, it.turn.name))) return false;
    // Without a look at the end the reply may only have come after the last poll. A prompt may hold
    // only a part of the thread on purpose.
    const { window } = history.header.promises.memory;
    const last = later.filter(({ seq, of }) => isLast(seq) && (of === "read" || window === null));
    return last.length > 0 && showsReplies(lists);
  });
  return verdictOf(lostJob(history, lost), { kind: "holds", checked: accepted.length });
}

/** It waits for an approval, was given up by the service, or its client left. */
function isSettled(history: History, { attempts }: Turn): boolean {
  const left = entriesOf(history, "fault.begin").filter(({ hits }) => hits === "client");
  return attempts.some(
    ({ begin, end }) =>
      end?.outcome.kind === "interrupted" ||
      end?.gaveUp === true ||
      left.some(({ seq }) => begin.seq < seq && seq < (end?.seq ?? Infinity)),
  );
}

interface ShownList {
  readonly of: "read" | "prompt";
  readonly thread: string;
  readonly seq: number;
  readonly list: readonly Token[];
}

/** Whatever showed a thread: its reads, and the prompts of its turns. */
function listsOf(history: History): ShownList[] {
  const reads = new Map(entriesOf(history, "read.begin").map(({ read, thread }) => [read, thread]));
  const turns = new Map(
    entriesOf(history, "attempt.begin").map(({ turn, thread }) => [turn, thread]),
  );
  const shown = entriesOf(history, "read.end").flatMap(({ read, seq, list }): ShownList[] => {
    const thread = reads.get(read);
    return thread === undefined || list === null ? [] : [{ of: "read", thread, seq, list }];
  });
  const seen = entriesOf(history, "model.call").flatMap(({ turn, seq, list }): ShownList[] => {
    const thread = turn === null ? undefined : turns.get(turn);
    return thread === undefined ? [] : [{ of: "prompt", thread, seq, list }];
  });
  return [...shown, ...seen];
}

function isAnsweredIn(list: readonly Token[], message: Token): boolean {
  return list.some((token, i) => token === message && isReply(list[i + 1] ?? ""));
}

/** Otherwise a message without a reply says nothing. */
function showsReplies(lists: readonly ShownList[]): boolean {
  return lists.some(({ list }) => list.some(isReply));
}

function isAfterHeal(history: History): (seq: number) => boolean {
  const final = entriesOf(history, "phase").find(({ phase }) => phase === "final");
  return (seq) => seq > (final?.seq ?? Infinity);
}

function lostJob(history: History, lost: readonly Accepted[]): Finding[] {
  const [first] = lost;
  if (first === undefined) return [];
  const { turn, attempt } = first;
  const because =
    `turn ${turn.name} was accepted by ${servedBy(attempt) ?? "a replica"} and never answered ` +
    `(${outcomeInWords(attempt)}), and its thread shows no reply at the end` +
    andMore(lost, "turns");
  const last = entriesOf(history, "read.end").filter(isLastReadOf(history, turn.thread)).slice(-1);
  const evidence = [...lost.flatMap((it) => entriesIn(it.attempt)), ...last];
  const until = attempt.end?.seq ?? Infinity;
  const faults = faultsBetween(history, attempt.begin.seq, until);
  return [finding("lost-job", { because, evidence, faults })];
}

function isLastReadOf(history: History, thread: string) {
  const isLast = isAfterHeal(history);
  const begins = entriesOf(history, "read.begin").filter((it) => it.thread === thread);
  const reads = new Set(begins.map(({ read }) => read));
  return ({ read, seq }: EntryOf<"read.end">) => reads.has(read) && isLast(seq);
}
