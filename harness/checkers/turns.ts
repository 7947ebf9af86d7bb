import type { EntryOf, History, Purpose } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Token } from "../history/token.ts";

/** One attempt of a turn; `end` is null if the history ends before the attempt did. */
export interface Attempt {
  readonly begin: EntryOf<"attempt.begin">;
  readonly end: EntryOf<"attempt.end"> | null;
}

/** A message with its answer, in however many attempts, and the calls that belong to it. */
export interface Turn {
  /** Its `q` token. */
  readonly name: Token;
  readonly thread: string;
  readonly purpose: Purpose;
  /** In order of their begin; at least one. */
  readonly attempts: readonly [Attempt, ...Attempt[]];
  readonly modelCalls: readonly EntryOf<"model.call">[];
  readonly modelAnswers: readonly EntryOf<"model.answer">[];
  readonly toolCalls: readonly EntryOf<"tool.call">[];
  /**
   * `ok` if any attempt was, `failed` only if all were (a 409 on the second says nothing about the
   * first), else `unknown`. An interrupted turn is `unknown` too: its steps may or may not be done.
   */
  readonly outcome: "ok" | "failed" | "unknown";
}

type Draft = Omit<Turn, "attempts" | "modelCalls" | "modelAnswers" | "toolCalls" | "outcome"> & {
  readonly attempts: [MutableAttempt, ...MutableAttempt[]];
  readonly modelCalls: EntryOf<"model.call">[];
  readonly modelAnswers: EntryOf<"model.answer">[];
  readonly toolCalls: EntryOf<"tool.call">[];
};
type MutableAttempt = { -readonly [K in keyof Attempt]: Attempt[K] };

export function attemptsOf(history: History): Attempt[] {
  const ends = new Map(entriesOf(history, "attempt.end").map((end) => [end.attempt, end]));
  return entriesOf(history, "attempt.begin").map((begin) => ({
    begin,
    end: ends.get(begin.attempt) ?? null,
  }));
}

/** All turns, in order of their begin. One pass over the history. */
export function turnsOf(history: History): Turn[] {
  const turns = new Map<string, Draft>();
  const attempts = new Map<string, MutableAttempt>();
  const turnOfCall = new Map<string, Draft>();
  for (const entry of history.entries) {
    switch (entry.kind) {
      case "attempt.begin": {
        const attempt = { begin: entry, end: null };
        attempts.set(entry.attempt, attempt);
        const turn = turns.get(entry.turn);
        if (turn) turn.attempts.push(attempt);
        else turns.set(entry.turn, draft(attempt));
        break;
      }
      case "attempt.end": {
        const attempt = attempts.get(entry.attempt);
        if (attempt) attempt.end = entry;
        break;
      }
      case "model.call": {
        const turn = entry.turn === null ? undefined : turns.get(entry.turn);
        if (!turn) break;
        turn.modelCalls.push(entry);
        turnOfCall.set(entry.call, turn);
        break;
      }
      case "model.answer":
        turnOfCall.get(entry.call)?.modelAnswers.push(entry);
        break;
      case "tool.call":
        if (entry.turn !== null) turns.get(entry.turn)?.toolCalls.push(entry);
        break;
      default: // does not belong to a turn
    }
  }
  return [...turns.values()].map((turn) => ({ ...turn, outcome: outcomeOf(turn.attempts) }));
}

function draft(attempt: MutableAttempt): Draft {
  const { turn: name, thread, purpose } = attempt.begin;
  const calls = { modelCalls: [], modelAnswers: [], toolCalls: [] };
  return { name, thread, purpose, attempts: [attempt], ...calls };
}

/** The replica that served the attempt; if that is not known, the one that was asked. */
export function servedBy(attempt: Attempt): string | null {
  return attempt.end?.replica ?? attempt.begin.on;
}

/** Its begin, and its end if it has one. */
export function entriesIn({ begin, end }: Attempt): (typeof begin | NonNullable<typeof end>)[] {
  return end === null ? [begin] : [begin, end];
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
