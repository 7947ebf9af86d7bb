/** The operations on one thread: the turns that wrote to it, and the reads of it. */
import type { Token } from "../../history/token.ts";

/**
 * A turn is one write, whatever the number of its attempts. Counting each attempt as a write raises
 * false alarms: a 409 on the second attempt says nothing about the first.
 */
export interface Write {
  readonly kind: "write";
  readonly turn: string;
  readonly token: Token;
  /** The session that got the acknowledgement; without one, the session that began the turn. */
  readonly client: string;
  /** Begin of the first attempt that is not `failed`. */
  readonly begin: number;
  /** End of the first attempt that is `ok`; Infinity without one. */
  readonly end: number;
  readonly outcome: "ok" | "failed" | "unknown";
  /** All reply tokens that the model gave for it, in any attempt. */
  readonly replies: readonly Token[];
  /** Reply tokens in the acknowledged reply: the block must hold one of them, if there are any. */
  readonly acknowledged: readonly Token[];
  /** It has no reply token, so its block is the message's token alone. */
  readonly silent: boolean;
  /** It waits for an approval, so its message may have no reply yet. */
  readonly interrupted: boolean;
  readonly attempts: readonly Span[];
  /** Whether it was sent again; a request id promises one block, a bare resend does not. */
  readonly repeated: "no" | "with-id" | "bare";
  /** It is one of the engine's last turns, after the heal. */
  readonly last: boolean;
}

interface Span {
  readonly begin: number;
  readonly end: number;
  readonly replica: string | null;
  /** When its last call was over: a service may go on after the client has left. */
  readonly over: number;
}

/** A list that one read of a thread showed. A model call reads what is before its own turn. */
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
  /** It came after the heal: a turn that is missing here is lost. */
  readonly last: boolean;
}

/** The operations on one thread, writes and reads each in order of `begin`. */
export interface ThreadOperations {
  readonly thread: string;
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  readonly numbered: Numbered;
}

/** The owner of every token of the run, including tokens of threads that are not judged. */
export type Owners = ReadonlyMap<Token, { readonly thread: string; readonly turn: string }>;

/** The lists of a thread, with numbers instead of tokens: see `numbered`. */
export interface Numbered {
  /** The list of each read. The message of `writes[i]` has the number i. */
  readonly lists: readonly Int32Array[];
  /** By the number of a reply: the index of the write that it may answer in a list; -1: none. */
  readonly answers: Int32Array;
  /** Per read: the index of the write that is its own turn; -1 for a read of the state. */
  readonly own: Int32Array;
  /**
   * Per read: how many tokens of its list are complete blocks. A message at the end without its
   * reply is in flight, and says nothing yet.
   */
  readonly complete: Int32Array;
  /** The index of the read with the longest list; -1 without reads. */
  readonly longest: number;
  /**
   * Per read: how many tokens it has in common with that list, from the start. Null if a longer
   * list did not continue the longest one before it: then the lists must be compared.
   */
  readonly shared: Int32Array | null;
}
