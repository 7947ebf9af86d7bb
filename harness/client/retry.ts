import type { Outcome } from "../history/history.ts";
import type { Talk } from "../config/dialect.ts";

/**
 * Whether a retry of a turn sends anything, given the target's declaration and the last outcome. If
 * not, the user can only send a new turn.
 */
export function retrySends(retry: Talk["retry"], last: Outcome["kind"] | undefined): boolean {
  const withId = retry === "same-request-id";
  switch (last) {
    // A turn that certainly did not happen can always be sent again.
    case "failed":
      return true;
    // Without a request id, retrying an answered turn would send a new message.
    case "ok":
    case "interrupted":
      return withId;
    default:
      return withId || retry === "resend";
  }
}
