import * as judged from "../../checkers/turns.ts";
import { type EntryOf, entriesOf, type History } from "../../history/history.ts";
import { type Token, tokensIn } from "../../history/token.ts";
import type { Target } from "../../config/configuration.ts";

/** All observations of the doctor. Its findings are pure functions of them. */
export interface Evidence {
  readonly target: Target;
  /** Its conversations are named after their purpose: see `threads`. */
  readonly history: History;
  /** Response to the ready check through the ingress, by replica. */
  readonly probes: Readonly<Record<string, Probe>>;
  /** Response to a request for an unknown path; null: not sent. */
  readonly unknownPath: Probe | null;
  /** Number of connections of each replica to its database wire; null: unknown. */
  readonly connections: Readonly<Record<string, number | null>>;
  /** Null: the log was not read. */
  readonly logged: Logged;
}

/**
 * Output of the hook `logs`, the only one that changes nothing. Of the other hooks, only the shell
 * syntax is checked.
 */
export type Logged = { readonly lines: readonly string[] } | { readonly failed: string } | null;

export interface Probe {
  /** Null: no response. */
  readonly status: number | null;
  /** Body of the response, or the error without a response. */
  readonly body: string;
}

/** The conversations of an examination by purpose. Those of one replica are named like `on-b`. */
export const threads = {
  first: "first",
  second: "second",
  tools: "tools",
  unknown: "unknown",
  retried: "retried",
} as const;

export const threadOn = (replica: string): string => `on-${replica}`;

/** An attempt, or a turn with all its attempts, and all calls until the next one begins. */
export interface Attempt extends judged.Attempt {
  /** Turns are sequential, so side calls and calls without a token belong to it as well. */
  readonly calls: readonly EntryOf<"model.call">[];
  readonly answers: readonly EntryOf<"model.answer">[];
  readonly tools: readonly EntryOf<"tool.call">[];
}

export function attemptsOf({ history }: Evidence, thread?: string): Attempt[] {
  return withCalls(history, judged.attemptsOf(history), thread);
}

/** Turns, each from its first begin to its last end. */
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

/** Answered turns. Findings about model calls use only these. */
export function answered(evidence: Evidence): Attempt[] {
  return turnsOf(evidence).filter(({ end }) => end?.outcome.kind === "ok");
}

/** The model calls of an attempt that belong to its turn, without side calls. */
export function ownCalls({ begin, calls }: Attempt): EntryOf<"model.call">[] {
  return calls.filter(({ turn }) => turn === begin.turn);
}

/** Ends of the reads of a thread, in order. */
export function readsOf({ history }: Evidence, thread: string): EntryOf<"read.end">[] {
  const ends = entriesOf(history, "read.end");
  return entriesOf(history, "read.begin")
    .filter((begin) => begin.thread === thread)
    .flatMap(({ read }) => ends.find((end) => end.read === read) ?? []);
}

/** Tokens of the user messages on a thread. */
export function saidOn(evidence: Evidence, thread: string): Set<Token> {
  return new Set(turnsOf(evidence, thread).map(({ begin }) => begin.turn));
}

/** The reply token in a text; undefined: the text has none. */
export function replyToken(text: string): Token | undefined {
  return tokensIn(text, "a")[0];
}

/** Token lists of a thread: from prompts after its first turn, and from reads. */
export function seenOn(evidence: Evidence, thread: string): (readonly string[])[] {
  const calls = turnsOf(evidence, thread)
    .slice(1)
    .flatMap((attempt) =>
      attempt.calls.filter((it) => it.turn === attempt.begin.turn).map((it) => it.list),
    );
  return [...calls, ...readsOf(evidence, thread).flatMap(({ list }) => (list ? [list] : []))];
}
