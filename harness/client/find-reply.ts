import { isReply, type Token, tokensIn } from "../history/token.ts";

/**
 * The reply to a turn in its thread; null: the thread shows none. `voiced`: our model replies, so
 * the reply carries a token. Otherwise the reply is the last text after the turn's message.
 */
export function replyTo(
  token: Token,
  texts: readonly string[],
  { voiced }: { readonly voiced: boolean },
): string | null {
  if (!voiced) {
    const place = texts.findLastIndex((text) => text.includes(token));
    return place < 0 ? null : (texts.slice(place + 1).findLast((it) => it.trim() !== "") ?? null);
  }
  const tokens = texts.flatMap((text) => tokensIn(text));
  const place = tokens.lastIndexOf(token);
  const reply = place < 0 ? undefined : tokens.slice(place + 1).findLast(isReply);
  return reply === undefined ? null : (texts.findLast((text) => text.includes(reply)) ?? null);
}
