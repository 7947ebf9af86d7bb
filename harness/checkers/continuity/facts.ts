/** Facts about a broken thread, which are true whatever the cause. */
import type { Token } from "../../history/token.ts";
import { inWords } from "../findings.ts";
import type { Break } from "../verdict.ts";
import type { Conflict } from "./conflicts.ts";
import type { Flaw } from "./integrity.ts";
import type { Read, ThreadOperations } from "./operation.ts";
import { nameOf } from "./thread-levels.ts";

interface Of {
  readonly thread: ThreadOperations;
}

/** Two lists that cannot both be true of a thread that only grows. */
export interface Disagreement extends Of, Conflict {
  readonly kind: "disagreement";
}

/** One list that is wrong whatever other lists show. */
export interface FlawedRead extends Of {
  readonly kind: "flawed read";
  readonly flaw: Flaw;
  readonly read: Read;
}

/** A level is broken, and neither two lists nor one list shows why. */
export interface BrokenLevel extends Of {
  readonly kind: "broken level";
  readonly broken: Break;
}

export type Fact = Disagreement | FlawedRead | BrokenLevel;

/** The `seq` of the entry that shows it. */
export function shownAt(fact: Fact): number {
  switch (fact.kind) {
    case "disagreement":
      return fact.after.end;
    case "flawed read":
      return fact.read.end;
    case "broken level":
      return fact.broken.seq;
  }
}

export function factInWords(fact: Fact): string {
  switch (fact.kind) {
    case "disagreement":
      return disagreement(fact);
    case "flawed read":
      return `${nameOf(fact.read)} shows it: ${fact.flaw.because}`;
    case "broken level":
      return fact.broken.because;
  }
}

/** Whether it is about the thread of one of the others. */
export function isOfSameThread(fact: Fact, others: readonly Fact[]): boolean {
  return others.some(({ thread }) => thread === fact.thread);
}

/** At most four turns in words: more do not help. */
export function turnsInWords(tokens: readonly Token[]): string {
  return inWords(tokens.slice(0, 4));
}

function disagreement({ before, after, missing, added }: Conflict): string {
  if (missing.length > 0) {
    const had = before.real ? "had shown" : "had promised";
    return `${after.label} does not show ${turnsInWords(missing)}, which ${before.label} ${had}`;
  }
  if (added.length > 0) {
    return `${after.label} shows ${turnsInWords(added)}, which ${before.label} had not, in between`;
  }
  return `${after.label} shows the turns of ${before.label} in another order`;
}
