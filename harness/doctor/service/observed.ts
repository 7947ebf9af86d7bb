import * as judged from "../../checkers/turns.ts";
import { type EntryOf, entriesOf, type History } from "../../history/history.ts";
import { type Token, tokensIn } from "../../history/token.ts";
import type { Target } from "../../config/configuration.ts";

/** All that the doctor has seen of a target. What it finds is a pure function of this. */
export interface Evidence {
  readonly target: Target;
  /** The conversations in it are named after what they are for: see `threads`. */
  readonly history: History;
  /** The ready check, as a client sees it, by replica. */
  readonly looks: Readonly<Record<string, Look>>;
  /** The same for a path that cannot be known; null: it has not been asked. */
  readonly nowhere: Look | null;
  /** How often each replica has connected to its database wire; null: nobody can tell. */
  readonly connections: Readonly<Record<string, number | null>>;
  /** Null: it has not been read. */
  readonly logged: Logged;
}

/**
 * What the hook `logs` said when it was run; it is the only one that changes nothing. Of the others
 * it is seen whether a shell understands them.
 */
export type Logged = { readonly lines: readonly string[] } | { readonly failed: string } | null;

export interface Look {
  /** Null: no answer. */
  readonly status: number | null;
  /** Of the answer; or why there is none. */
  readonly body: string;
}

/** The conversations of an examination, by what they are for. One per replica is named `on-b`. */
export const threads = {
  first: "first",
  second: "second",
  tools: "tools",
  unknown: "unknown",
  retried: "retried",
} as const;

export const threadOn = (replica: string): string => `on-${replica}`;

/** An attempt, or a turn with all its attempts, and all calls until the next one began. */
export interface Attempt extends judged.Attempt {
  /** Turns follow one another, so side calls and calls without a token belong to it as well. */
  readonly calls: readonly EntryOf<"model.call">[];
  readonly answers: readonly EntryOf<"model.answer">[];
  readonly tools: readonly EntryOf<"tool.call">[];
}

export function attemptsOf({ history }: Evidence, thread?: string): Attempt[] {
  return withCalls(history, judged.attemptsOf(history), thread);
}

/** Turns from their first begin to their last end. */
export function turnsOf({ history }: Evidence, thread?: string): Attempt[] {
  const turns = judged.turnsOf(history).map(({ attempts }) => ({
    begin: attempts[0].begin,
    end: attempts.at(-1)?.end ?? null,
  }));
  return withCalls(history, turns, thread);
}

function withCalls(
  history: History,
  attempts: readonly judged.Attempt[],
  thread: string | undefined,
): Attempt[] {
  return attempts.flatMap(({ begin, end }, i) => {
    if (thread !== undefined && begin.thread !== thread) return [];
    const until = attempts[i + 1]?.begin.seq ?? Infinity;
    const during = <T extends { readonly seq: number }>(entries: readonly T[]): T[] =>
      entries.filter(({ seq }) => seq > begin.seq && seq < until);
    return {
      ...{ begin, end },
      calls: during(entriesOf(history, "model.call")),
      answers: during(entriesOf(history, "model.answer")),
      tools: during(entriesOf(history, "tool.call")),
    };
  });
}

/** Turns that were answered: what is said of model calls is said of these. */
export function answered(evidence: Evidence): Attempt[] {
  return turnsOf(evidence).filter(({ end }) => end?.outcome.kind === "ok");
}

/** The model calls of an attempt that belong to its turn; the others are side calls. */
export function ownCalls({ begin, calls }: Attempt): EntryOf<"model.call">[] {
  return calls.filter(({ turn }) => turn === begin.turn);
}

/** Reads of a thread in their order, each with its end. */
export function readsOf({ history }: Evidence, thread: string): EntryOf<"read.end">[] {
  const ends = entriesOf(history, "read.end");
  return entriesOf(history, "read.begin")
    .filter((begin) => begin.thread === thread)
    .flatMap(({ read }) => ends.find((end) => end.read === read) ?? []);
}

/** What users have said on a thread, as tokens. */
export function saidOn(evidence: Evidence, thread: string): Set<Token> {
  return new Set(turnsOf(evidence, thread).map(({ begin }) => begin.turn));
}

/** A token of a reply in a text that should hold one; undefined: there is none. */
export function replyToken(text: string): Token | undefined {
  return tokensIn(text, "a")[0];
}

/** What was seen of a thread: in prompts after its first turn, and in reads. */
export function seenOn(evidence: Evidence, thread: string): (readonly string[])[] {
  const calls = turnsOf(evidence, thread)
    .slice(1)
    .flatMap((attempt) =>
      attempt.calls.filter((it) => it.turn === attempt.begin.turn).map((it) => it.list),
    );
  return [...calls, ...readsOf(evidence, thread).flatMap(({ list }) => (list ? [list] : []))];
}
