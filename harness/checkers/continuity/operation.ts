/** What happened on one thread: the turns that wrote to it, and the reads of it. */
import type { Token } from "../../history/token.ts";

/**
 * A turn: one write, however many attempts it took. Counting attempts as writes of their own
 * raises false alarms: a 409 on the second attempt says nothing about the first.
 */
export interface Write {
  readonly kind: "write";
  readonly turn: string;
  readonly token: Token;
  /** The session that got the acknowledgement; without one, the session that began the turn. */
  readonly client: string;
  /** Of the first attempt that is not `failed`. */
  readonly begin: number;
  /** Of the first attempt that is `ok`; Infinity without one. */
  readonly end: number;
  readonly outcome: "ok" | "failed" | "unknown";
  /** All reply tokens that the model gave to it, in any attempt. */
  readonly replies: readonly Token[];
  /** Reply tokens in the acknowledged reply: the block must hold one of them, if there are any. */
  readonly acknowledged: readonly Token[];
  /** No reply token is known to exist for it, so its block is the user's token alone. */
  readonly silent: boolean;
  /** It waits for an approval, so its message may stand without a reply. */
  readonly interrupted: boolean;
  readonly attempts: readonly Span[];
  /** How it was repeated: with a request id, which promises one block, or bare, or not at all. */
  readonly repeated: "no" | "with-id" | "bare";
  /** The engine's own, after everything was healed. */
  readonly last: boolean;
}

interface Span {
  readonly begin: number;
  readonly end: number;
  readonly replica: string | null;
}

/** What somebody saw of a thread. A model call is an instant, and sees what is before its turn. */
export interface Read {
  readonly kind: "read";
  readonly source: "reply" | "state" | "model" | "repeat";
  /** The turn whose reply or model call it is; null for a read of the state. */
  readonly turn: string | null;
  /** The message of that turn. */
  readonly own: Token | null;
  readonly client: string;
  readonly begin: number;
  readonly end: number;
  readonly list: readonly Token[];
  readonly replica: string | null;
  /** It came after everything was healed: what is missing here is lost. */
  readonly last: boolean;
}

/** One thread, each sort in order of `begin`. */
export interface ThreadOperations {
  readonly thread: string;
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  readonly numbered: Numbered;
}

/** Whose a token is: every token of the run, those of threads that are not judged included. */
export type Owners = ReadonlyMap<Token, { readonly thread: string; readonly turn: string }>;

/** The lists of a thread with numbers in place of tokens: see `numbered`. */
export interface Numbered {
  /** The list of each read. The message of `writes[i]` has the number i. */
  readonly lists: readonly Int32Array[];
  /** By the number of a reply: which of the writes it may stand for in a list; -1 for none. */
  readonly answers: Int32Array;
  /** Of each read: which of the writes is its own turn; -1 for a read of the state. */
  readonly own: Int32Array;
  /**
   * Of each read: how much of its list is complete blocks. A message at its end that still waits
   * for its reply is in flight, and says nothing yet.
   */
  readonly complete: Int32Array;
  /** Which read shows the longest list; -1 without any. */
  readonly longest: number;
  /**
   * Of each read: how many tokens it has in common with that list, from the start. Null where a
   * longer list did not go on from the longest before it: then nothing is known without a look.
   */
  readonly shared: Int32Array | null;
}
