import type { Message } from "./message.ts";
import { isMessage, tokensIn, type Token } from "../../history/token.ts";
import { type Ask, scriptAt, type Turn, type Turns } from "../../history/turn.ts";
import { malformation, type Rules } from "./malformed.ts";

/** What a prompt shows of the conversation that it comes from. */
export interface Reading {
  /** The turn that is running; null: a side call. */
  readonly turn: Turn | null;
  /** The turn that was over before this side call. */
  readonly after?: Turn;
  /** The place of this model call in the turn's script, from 1. */
  readonly ordinal: number;
  /** The tools that the model asks for; empty: it replies. */
  readonly asks: readonly Ask[];
  /** `q` and `a` tokens before the turn's own. */
  readonly list: readonly Token[];
  readonly malformed: string | null;
}

/**
 * Reads a transcript. The turn is that of the newest user token. Tokens are found anywhere in the
 * text, because some services flatten the history into one message. An acknowledged turn is over,
 * so a prompt that ends with it is a side call (a title, a summary). A turn with an unknown outcome
 * may be resumed later, so it still counts.
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
  if (turn === undefined) return sideCall(malformed);
  if (turn.settled) return { ...sideCall(malformed), after: turn };
  return {
    turn,
    ...scriptAt(turn, answeredTools(messages, turn.token)),
    list: before(tokens, turn.token),
    malformed,
  };
}

/** The reading of a side call: it belongs to no turn. */
export function sideCall(malformed: string | null): Reading {
  return { turn: null, ordinal: 0, asks: [], list: [], malformed };
}

/**
 * The tokens before the turn's own message. A prompt may contain that message twice in a row (in
 * the history, then as the question). With other turns in between, it had been saved before.
 */
function before(tokens: readonly Token[], own: Token): readonly Token[] {
  let list = tokens.slice(0, tokens.lastIndexOf(own));
  while (list.findLast(isMessage) === own) {
    list = list.slice(0, list.lastIndexOf(own));
  }
  return list;
}

/**
 * The number of tools that already answered in this turn. A pure function of the transcript: a
 * counter of calls would be wrong after a resume.
 */
function answeredTools(messages: readonly Message[], token: Token): number {
  const start = messages.findLastIndex((message) => message.text.includes(token));
  const after = messages.slice(start + 1).filter((message) => message.answers !== null);
  if (after.length > 0) return after.length;
  // A flattened history has no tool messages: the ledger's answers are in the text.
  const flat = messages.map((message) => message.text).join("\n");
  return new Set(flat.slice(flat.lastIndexOf(token)).match(/done tps-[0-9a-z]{8}/g)).size;
}
