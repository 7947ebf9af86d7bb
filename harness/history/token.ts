import { z } from "zod";

/**
 * A token marks one message, so that the harness can find the message in any text. Sorts:
 * `q`: a user message. `a`: a model reply. `s`: a tool call that the model requested.
 */
export const tokenSchema = z.string();
export type Token = z.infer<typeof tokenSchema>;
export const tokenPattern = /\btp([qas])-[0-9a-z]{8}\b/g;

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
