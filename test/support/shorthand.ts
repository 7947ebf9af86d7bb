/** The shorthand of hand-written histories: tokens, lists, options, and a header of defaults. */
import type { Purpose } from "../../harness/history/history.ts";
import type { Header } from "../../harness/history/header.ts";
import type { Promises } from "../../harness/history/promises.ts";
import type { Token } from "../../harness/history/token.ts";

/** Blocks and tokens, separated by spaces: "1 2 q3 a3b". The empty text is the empty list. */
export type Blocks = string;

/** A turn's number. In reply tokens the letter of an attempt can follow it: "3b". */
export type TurnName = number | string;

export const q = (turn: TurnName): Token => `tpq-${String(turn).padStart(8, "0")}`;
export const a = (turn: TurnName): Token => `tpa-${String(turn).padStart(8, "0")}`;

/** The tokens of "1 2 q3 a3b". */
export function tokens(blocks: Blocks): Token[] {
  return blocks
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((item) => {
      const found = /^([qa]?)(\d+[a-z]*)$/.exec(item);
      if (!found) throw new Error(`"${item}" is no block: write 1 for q1 a1, or q1, or a1b`);
      const name = found[2] ?? "";
      if (found[1] === "q") return [q(name)];
      return found[1] === "a" ? [a(name)] : [q(name), a(name)];
    });
}

export interface Saying {
  readonly thread?: string;
  readonly client?: string;
  /** The replica that serves it; default: "a". */
  readonly on?: string;
  /** Default: one per turn, the same in every attempt. Null: the attempt has none. */
  readonly requestId?: string | null;
  readonly threadId?: unknown;
  readonly sound?: boolean;
  readonly purpose?: Purpose;
  readonly steps?: readonly string[];
}

export interface Ending {
  /** The list that this attempt's model call saw before the turn's own token; absent: no call. */
  readonly sees?: Blocks;
  /** The list in the reply; absent: the reply has no list. */
  readonly list?: Blocks;
  readonly reply?: string;
  readonly why?: string;
  readonly status?: number | null;
  /** The service gave a receipt. */
  readonly accepted?: true;
  /** The service reported that what it had accepted ended without a reply. */
  readonly gaveUp?: true;
  readonly log?: string;
}

export interface Calling {
  readonly on?: string;
  readonly ordinal?: number;
  readonly malformed?: string;
  /** The token of the reply; default: the attempt's own. Null: the model has not finished. */
  readonly token?: Token | null;
  readonly tools?: readonly string[];
  /** The status of an answer that is an error. */
  readonly status?: number;
  /** The reason of an answer that broke off. */
  readonly brokeOff?: string;
  /** False: the call hangs, so the history has no answer. */
  readonly answered?: boolean;
}

export interface Reading {
  readonly thread?: string;
  readonly client?: string;
  readonly on?: string;
  readonly final?: boolean;
}

export type HeaderPart = Partial<Omit<Header, "promises">> & {
  readonly promises?: Partial<Promises>;
};

/** A header of two replicas with all promises. `part` replaces fields. */
export function headerOf(part: HeaderPart): Header {
  const { promises, ...rest } = part;
  return {
    schemaVersion: 2,
    run: "hand-written/target",
    scenario: "hand-written",
    target: "target",
    variant: null,
    backend: "none",
    seed: 1,
    replicas: ["a", "b"],
    capabilities: ["replicas", "kill", "model", "state"],
    versions: {},
    startedAt: "2025-01-01T00:00:00.000Z",
    experiment: null,
    ...rest,
    promises: {
      memory: { level: "linearizable", window: null },
      concurrency: "reject",
      recoveryMs: 10_000,
      answerMs: 10_000,
      drainMs: 10_000,
      growth: { bytes: "linear", bytesPerTurn: null, rowsPerTurn: null },
      ...promises,
    },
  };
}
