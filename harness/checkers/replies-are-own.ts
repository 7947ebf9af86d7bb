import type { History } from "../history/history.ts";
import { isReply, type Token, tokensIn } from "../history/token.ts";
import type { Checker, Verdict } from "./verdict.ts";
import { andMore, finding, type Finding, verdictOf } from "./findings.ts";
import { type Attempt, entriesIn, servedBy, type Turn, turnsOf } from "./turns.ts";

/**
 * An acknowledged reply belongs to its turn. A service whose replies name no turn at all, or
 * never their own, shows nothing here.
 */
export const repliesAreOwn: Checker = { name: "replies-are-own", needs: [], judge };

/** An acknowledged reply, and the turns that its tokens belong to. */
interface Reply {
  readonly attempt: Attempt;
  readonly turn: Turn;
  readonly isOwn: boolean;
  /** The other turns, each with the token that names it, in the order of the reply. */
  readonly others: readonly { readonly turn: Turn; readonly token: Token }[];
}

function judge(history: History): Verdict {
  const turns = turnsOf(history);
  const owners = ownersOf(turns);
  const replies = turns.flatMap((turn) => repliesOf(turn, owners));
  const holds: Verdict = { kind: "holds", checked: replies.length };
  // Without one reply that names its own turn nothing shows that replies do so.
  if (!replies.some(({ isOwn }) => isOwn)) return { kind: "holds", checked: 0 };
  const crossed = replies.flatMap((reply) => otherThread(reply));
  const stale = replies.flatMap((reply) => earlierTurn(reply));
  return verdictOf([...crossedReply(crossed), ...staleReply(stale)], holds);
}

/** The turn of each token. A reply token that the model never gave belongs to its first reader. */
function ownersOf(turns: readonly Turn[]): Map<Token, Turn> {
  const owners = new Map<Token, Turn>();
  for (const turn of turns) {
    owners.set(turn.name, turn);
    for (const { token } of turn.modelAnswers) if (token !== null) owners.set(token, turn);
  }
  const acknowledged = turns
    .flatMap((turn) => turn.attempts.map((attempt) => ({ turn, end: attempt.end })))
    .sort((one, other) => (one.end?.seq ?? Infinity) - (other.end?.seq ?? Infinity));
  for (const { turn, end } of acknowledged) {
    if (end?.outcome.kind !== "ok") continue;
    for (const token of tokensIn(end.outcome.reply)) {
      if (!owners.has(token)) owners.set(token, turn);
    }
  }
  return owners;
}

function repliesOf(turn: Turn, owners: ReadonlyMap<Token, Turn>): Reply[] {
  // To repeat the conversation is to name other turns.
  if (turn.purpose === "repeat") return [];
  return turn.attempts.flatMap((attempt): Reply[] => {
    const { begin, end } = attempt;
    if (!begin.sound || end?.outcome.kind !== "ok") return [];
    const named = tokensIn(end.outcome.reply).flatMap((token) => {
      const owner = owners.get(token);
      return owner === undefined ? [] : [{ turn: owner, token }];
    });
    if (named.length === 0) return [];
    const isOwn = named.some((it) => it.turn === turn);
    return [{ attempt, turn, isOwn, others: named.filter((it) => it.turn !== turn) }];
  });
}

/** A reply with the token of another turn. */
interface Wrong {
  readonly reply: Reply;
  readonly of: Turn;
}

/**
 * A reply of another thread counts even beside the own one; a message of another thread only
 * instead of it, because a service may quote what a user said elsewhere. If a reply shows its whole
 * thread, the check of memory judges what it shows. A turn with a stray id may run on the thread of
 * its owner, and proves nothing.
 */
function otherThread(reply: Reply): Wrong[] {
  const { attempt, turn, isOwn, others } = reply;
  const of = others.find(
    (it) =>
      it.turn.thread !== turn.thread &&
      it.turn.attempts.every(({ begin }) => begin.sound) &&
      (!isOwn || (isReply(it.token) && attempt.end?.list === null)),
  );
  return of === undefined ? [] : [{ reply, of: of.turn }];
}

/** A turn of the thread was over when this one began, and this reply names it and not its own. */
function earlierTurn(reply: Reply): Wrong[] {
  const { attempt, turn, isOwn, others } = reply;
  if (isOwn || others.some((it) => it.turn.thread !== turn.thread)) return [];
  const earlier = others.findLast(({ turn: { attempts } }) =>
    attempts.every(({ end }) => end !== null && end.seq < attempt.begin.seq),
  );
  return earlier === undefined ? [] : [{ reply, of: earlier.turn }];
}

function crossedReply(crossed: readonly Wrong[]): Finding[] {
  const [first] = crossed;
  if (first === undefined) return [];
  const beside = first.reply.isOwn ? "its own reply and " : "";
  const because =
    `turn ${first.reply.turn.name} of thread ${first.reply.turn.thread}${where(first)} was ` +
    `answered with ${beside}the reply to turn ${first.of.name} of thread ${first.of.thread}` +
    andMore(crossed, "turns");
  return [finding("crossed-reply", { because, evidence: crossed.flatMap(evidenceOf) })];
}

function staleReply(stale: readonly Wrong[]): Finding[] {
  const [first] = stale;
  if (first === undefined) return [];
  const because =
    `turn ${first.reply.turn.name}${where(first)} was answered with the reply to turn ` +
    `${first.of.name}, an earlier one of thread ${first.of.thread}${andMore(stale, "turns")}`;
  return [finding("stale-reply", { because, evidence: stale.flatMap(evidenceOf) })];
}

function where({ reply: { attempt } }: Wrong): string {
  const replica = servedBy(attempt);
  return replica === null ? "" : ` on ${replica}`;
}

function evidenceOf({ reply: { attempt }, of }: Wrong) {
  return [...entriesIn(attempt), ...entriesIn(of.attempts[0])];
}
