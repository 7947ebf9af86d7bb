import type { Message } from "./message.ts";
import { isMessage, tokensIn, type Token } from "../../history/token.ts";
import type { Turn, Turns } from "../../history/turn.ts";

/**
 * The `q` and `a` tokens of messages, in order of appearance. A message with several user tokens is
 * a summary or a retrieved text: it does not repeat a turn that another message shows by itself.
 */
export function shownIn(messages: readonly Message[]): Token[] {
  const each = messages.map(({ text }) => tokensIn(text));
  const isDigest = (tokens: readonly Token[]) => new Set(tokens.filter(isMessage)).size > 1;
  const alone = new Set(each.filter((tokens) => !isDigest(tokens)).flat());
  return each.flatMap((tokens) =>
    isDigest(tokens) ? tokens.filter((token) => !alone.has(token)) : tokens,
  );
}

/**
 * The tokens before the turn's own message. A prompt may contain that message twice in a row (in
 * the history, then as the question). With other turns in between, it had been saved before.
 */
export function shownBefore(tokens: readonly Token[], turn: Turn, turns: Turns): readonly Token[] {
  const own = turn.token;
  const place = tokens.lastIndexOf(own);
  const after = tokens.slice(place + 1);
  const next = after.findIndex(isMessage);
  const late = next < 0 ? [] : after.slice(next);
  // Turns of the thread after the question: the order is wrong, and the list shows it.
  if (late.some((token) => turns.find(token)?.thread === turn.thread)) return tokens;
  let list = tokens.slice(0, place);
  while (list.findLast(isMessage) === own) list = list.slice(0, list.lastIndexOf(own));
  return [...list, ...late];
}

/**
 * The tokens of a prompt whose newest message comes first, in the order of the conversation. Either
 * all messages are reversed, or only the turns are, and each reply follows its message.
 */
export function olderFirst(tokens: readonly Token[], turn: Turn, turns: Turns): readonly Token[] {
  const others = tokens.filter((token) => token !== turn.token);
  const follows = others.some((token, i) => {
    const message = turns.repliedTo(token)?.token;
    const place = message === undefined ? -1 : others.indexOf(message);
    return place >= 0 && place < i;
  });
  if (!follows) return others.toReversed();
  const starts = others.flatMap((token, i) => (isMessage(token) ? [i] : []));
  return starts.toReversed().flatMap((start) => {
    const length = others.slice(start + 1).findIndex(isMessage);
    return others.slice(start, length < 0 ? undefined : start + 1 + length);
  });
}
