import type { Outcome } from "../history/history.ts";
import type { Talk } from "../config/dialect.ts";

/**
 * Whether a retry of a turn sends anything, by what is declared and what came of the turn: else to
 * go on is to say something new.
 */
export function repeats(retry: Talk["retry"], last: Outcome["kind"] | undefined): boolean {
  const withId = retry === "same-request-id";
  switch (last) {
    // What certainly did not happen can always be said again.
    case "failed":
      return true;
    // Who has an answer would say a second message, were there no id to tell that it is none.
    case "ok":
    case "interrupted":
      return withId;
    default:
      return withId || retry === "resend";
  }
}
