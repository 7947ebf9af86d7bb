import { z } from "zod";

/**
 * A token marks a message so that it is found again anywhere in any text. It is used once.
 * `q`: what a user said · `a`: what the model replied · `s`: a tool step that the model asked for.
 */
export const tokenSchema = z.string();
export type Token = z.infer<typeof tokenSchema>;
export const tokenPattern = /\btp([qas])-[0-9a-z]{8}\b/g;

/** All tokens of the given sorts in a text, in order of appearance, repetitions included. */
export function tokensIn(text: string, sorts = "qa"): Token[] {
  return [...text.matchAll(tokenPattern)]
    .filter((m) => sorts.includes(m[1] ?? ""))
    .map((m) => m[0]);
}

/** Whether a token marks what a user said. */
export function isMessage(token: Token): boolean {
  return token.startsWith("tpq-");
}

/** Whether a token marks what the model replied. */
export function isReply(token: Token): boolean {
  return token.startsWith("tpa-");
}
