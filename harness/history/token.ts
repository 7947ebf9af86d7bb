import { z } from "zod";

/**
 * A token marks one message, so that the harness can find the message in any text. Sorts:
 * `q`: a user message. `a`: a model reply. `s`: a tool call that the model requested.
 */
export const tokenSchema = z.string();
export type Token = z.infer<typeof tokenSchema>;
/** The end of an escape: `%5B` in a URL or a form, `\u005b` or `\n` in JSON inside a text. */
const escape = String.raw`%(?:25)*[\dA-Fa-f]{2}|\\u[\dA-Fa-f]{4}|\\[bfnrt]`;
/** A token is no part of a longer word, but an escape may come before it. */
export const tokenPattern = new RegExp(
  String.raw`(?:(?<![\dA-Za-z])|(?<=${escape}))tp([qas])-[\da-z]{8}(?![\dA-Za-z])`,
  "g",
);

/** All tokens of the given sorts in a text, in order of appearance, with repetitions. */
export function tokensIn(text: string, sorts = "qa"): Token[] {
  return [...text.matchAll(tokenPattern)]
    .filter((m) => sorts.includes(m[1] ?? ""))
    .map((m) => m[0]);
}

/** Whether a token marks a user message. */
export function isMessage(token: Token): boolean {
  return token.startsWith("tpq-");
}

/** Whether a token marks a model reply. */
export function isReply(token: Token): boolean {
  return token.startsWith("tpa-");
}
