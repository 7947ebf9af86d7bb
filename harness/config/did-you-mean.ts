import { closestMatch } from "leven";

/**
 * The known word that was probably meant: the closest one within a small edit distance, else a
 * known prefix, as "env" for "environment". Null: no word is close.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  // Any two words of two letters are within the edit distance.
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
