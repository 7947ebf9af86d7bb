/** Replaces unreadable tokens: numbers turns in the order in which they were sent. */
import { isMessage, tokenPattern, tokensIn } from "../history/token.ts";
import type { Token } from "../history/token.ts";
import type { Diagnosis } from "../checkers/verdict.ts";

interface TurnName {
  readonly turn: number;
  /** "" for a message and for the first reply to it, "b" for the second reply … */
  readonly reply: string;
}

export type TurnNames = ReadonlyMap<Token, TurnName>;

/**
 * Names every token in the lists and sentences of a diagnosis. Without lists the report shows the
 * evidence, so its tokens get names as well. With lists they would only leave gaps.
 */
export function nameTurns(diagnosis: Diagnosis, evidence: readonly string[] = []): TurnNames {
  const lists = (diagnosis.lists ?? []).map((list) => list.tokens);
  const sentences = [
    ...(diagnosis.lists ?? []).map((list) => list.label),
    diagnosis.because,
    diagnosis.remedy,
    ...(lists.length === 0 ? evidence : []),
  ];
  const groups = [...lists, ...sentences.map((sentence) => tokensIn(sentence))];
  const said = [...new Set(groups.flat().filter(isMessage))];
  said.sort((a, b) => (age(a) < age(b) ? -1 : 1));
  const names = new Map<Token, TurnName>(
    said.map((token, i) => [token, { turn: i + 1, reply: "" }]),
  );
  const replies = new Map<number, number>();
  for (const [i, tokens] of groups.entries()) {
    let current: number | null = null;
    for (const token of tokens) {
      // In a list, a reply belongs to the message before it.
      if (i < lists.length && isMessage(token)) current = names.get(token)?.turn ?? null;
      if (names.has(token)) continue;
      const turn = current ?? said.filter((before) => age(before) < age(token)).length;
      const earlier = replies.get(turn) ?? 0;
      replies.set(turn, earlier + 1);
      names.set(token, { turn, reply: earlier === 0 ? "" : letter(earlier) });
    }
  }
  return names;
}

/** Replaces the tokens in a sentence by "turn 3" or "reply 3", and shortens unknown ones. */
export function readable(sentence: string, names?: TurnNames): string {
  // "turn tpq-…" becomes "turn 3", not "turn turn 3".
  const named = new RegExp(`(?:\\bturns? )?(${tokenPattern.source})`, "g");
  return sentence.replaceAll(named, (_, token: string, sort: string) => {
    const name = names?.get(token);
    if (!name) return `${sort}…${token.slice(-4)}`;
    return isMessage(token) ? `turn ${name.turn}` : `reply ${name.turn}${name.reply}`;
  });
}

/** The last four characters of a token, which count tokens in the order of creation. */
function age(token: Token): string {
  return token.slice(-4);
}

function letter(index: number): string {
  return String.fromCodePoint("a".charCodeAt(0) + Math.min(index, 25));
}
