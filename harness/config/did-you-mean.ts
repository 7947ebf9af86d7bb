import { closestMatch } from "leven";

/**
 * The word that was probably meant: the nearest of those that are known, where one is near; else
 * one that it is the long form of, as "environment" of "env".
 */
export function nearest(word: string, known: readonly string[]): string | null {
  // Of two letters every other word of two letters is near.
  if (word.length < 3) return null;
  const maxDistance = Math.max(2, Math.floor(word.length / 3));
  const short = known.find((it) => it.length >= 3 && word.toLowerCase().startsWith(it));
  return closestMatch(word, known, { maxDistance }) ?? short ?? null;
}

/** ` (did you mean "this"?)`, or nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === null ? "" : ` (did you mean "${meant}"?)`;
}
