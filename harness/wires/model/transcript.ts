import type { Message } from "./message.ts";
import { isMessage, tokensIn, type Token } from "../../history/token.ts";
import { type Ask, scriptAt, type Turn, type Turns } from "../../history/turn.ts";
import { malformation, type Rules } from "./malformed.ts";

/** What a prompt says about the conversation that it comes from. */
export interface Reading {
  /** The turn that is being run; null: a side call. */
  readonly turn: Turn | null;
  /** The turn that was over before this side call of it. */
  readonly after?: Turn;
  /** Which model call of the turn's script this is, from 1. */
  readonly ordinal: number;
  /** The tools that it asks for; none: it replies. */
  readonly asks: readonly Ask[];
  /** `q` and `a` tokens before the turn's own. */
  readonly list: readonly Token[];
  readonly malformed: string | null;
}

/**
 * Reads a transcript. The turn is the newest user token in it: tokens are found anywhere in the
 * text, because some services flatten the history into one message. A turn that was acknowledged
 * is over, so a prompt that ends with it is a side call (a title, a summary). A turn that was left
 * unknown may be resumed by whoever comes next, so it still counts.
 */
export function readTranscript(
  messages: readonly Message[],
  turns: Turns,
  rules: Rules = "chat",
): Reading {
  const text = messages.map((message) => message.text).join("\n");
  const tokens = tokensIn(text);
  const own = tokens.findLast(isMessage);
  const turn = own === undefined ? undefined : turns.find(own);
  const malformed = malformation(messages, rules);
  if (turn === undefined) return nobody(malformed);
  if (turn.settled) return { ...nobody(malformed), after: turn };
  return {
    turn,
    ...scriptAt(turn, answeredTools(messages, turn.token)),
    list: before(tokens, turn.token),
    malformed,
  };
}

/** What a side call says: nothing of any turn. */
export function nobody(malformed: string | null): Reading {
  return { turn: null, ordinal: 0, asks: [], list: [], malformed };
}

/**
 * What stands before the turn's own message. A prompt may name that message twice in a row (the
 * history, then the question); but where other turns stand in between it had been saved before.
 */
function before(tokens: readonly Token[], own: Token): readonly Token[] {
  let list = tokens.slice(0, tokens.lastIndexOf(own));
  while (list.findLast(isMessage) === own) {
    list = list.slice(0, list.lastIndexOf(own));
  }
  return list;
}

/**
 * The tools that already answered in this turn. A pure function of the transcript, never a counter
 * of calls: a resumed turn would break a counter.
 */
function answeredTools(messages: readonly Message[], token: Token): number {
  const start = messages.findLastIndex((message) => message.text.includes(token));
  const after = messages.slice(start + 1).filter((message) => message.answers !== null);
  if (after.length > 0) return after.length;
  // A flattened history has no tool messages: what the ledger said stands in the text.
  const flat = messages.map((message) => message.text).join("\n");
  return new Set(flat.slice(flat.lastIndexOf(token)).match(/done tps-[0-9a-z]{8}/g)).size;
}
