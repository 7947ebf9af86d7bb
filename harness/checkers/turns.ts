import { entriesOf } from "../history/history.ts";
import type { EntryOf, History, Purpose } from "../history/history.ts";

/** One attempt of a turn; `end` is null where the run was over before it was known. */
export interface Attempt {
  readonly begin: EntryOf<"attempt.begin">;
  readonly end: EntryOf<"attempt.end"> | null;
}

/** A message and its answer, however many attempts it took, in the order they began. */
export interface Turn {
  readonly name: string;
  readonly purpose: Purpose;
  readonly attempts: readonly Attempt[];
  /**
   * `ok` if any attempt was, `failed` only if all were (a 409 on the second says nothing about the
   * first), else `unknown`. An interrupted turn is `unknown` too: its steps may or may not be done.
   */
  readonly outcome: "ok" | "failed" | "unknown";
}

export function attemptsOf(history: History): Attempt[] {
  const ends = new Map(entriesOf(history, "attempt.end").map((end) => [end.attempt, end]));
  return entriesOf(history, "attempt.begin").map((begin) => ({
    begin,
    end: ends.get(begin.attempt) ?? null,
  }));
}

export function turnsOf(history: History): Turn[] {
  const byName = Map.groupBy(attemptsOf(history), (attempt) => attempt.begin.turn);
  return [...byName].map(([name, attempts]) => ({
    name,
    purpose: attempts[0]?.begin.purpose ?? "workload",
    attempts,
    outcome: outcomeOf(attempts),
  }));
}

/** The replica that served it; where nobody is known to have, the one that was asked for. */
export function servedBy(attempt: Attempt): string | null {
  return attempt.end?.replica ?? attempt.begin.on;
}

/** The outcome in words: "ok", "unknown: 500", "never ended". */
export function outcomeInWords(attempt: Attempt): string {
  if (attempt.end === null) return "never ended";
  const { outcome } = attempt.end;
  return "why" in outcome ? `${outcome.kind}: ${outcome.why}` : outcome.kind;
}

function outcomeOf(attempts: readonly Attempt[]): Turn["outcome"] {
  if (attempts.some(({ end }) => end?.outcome.kind === "ok")) return "ok";
  if (attempts.every(({ end }) => end?.outcome.kind === "failed")) return "failed";
  return "unknown";
}
