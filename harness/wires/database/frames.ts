/**
 * Messages of the Postgres protocol, version 3 (https://www.postgresql.org/docs/17/protocol.html):
 * one byte of type, four bytes of length including themselves, and the body. A client's first
 * message has no type; its code identifies it.
 */
export interface Frame {
  /** "Q", "P", "Z" …; one of `openings` for a client's first message. */
  readonly type: string;
  /** Without type and length. */
  readonly body: Buffer;
  /** The whole message, unchanged. */
  readonly bytes: Buffer;
}

const openings = new Map([
  [196_608, "startup"],
  // Version 3.2, since PostgreSQL 18: only the cancellation key is longer.
  [196_610, "startup"],
  [80_877_102, "cancel"],
  [80_877_103, "ssl"],
  [80_877_104, "gss"],
]);

/** A length has 31 bits: a larger one is not a message. */
const longestBytes = 2 ** 31 - 1;
/** MAX_STARTUP_PACKET_LENGTH of the server: a longer opening is another protocol. */
const longestOpeningBytes = 10_000;

/** Cuts the bytes of one direction into messages, however the network split them. */
export class Framer {
  #chunks: Buffer[] = [];
  #size = 0;
  /** The bytes needed before the next message, or its length, is complete. */
  #wanted = 0;
  /** A client's first messages have no type; all messages after "startup" have one. */
  #typed: boolean;

  constructor(side: "client" | "server") {
    this.#typed = side === "server";
  }

  /** @throws Error if the bytes belong to another protocol. */
  *cut(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // Joined only when a message is complete: a long value arrives in many pieces.
    if (this.#size < this.#wanted) return;
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#size = rest.length;
      this.#wanted = this.#endOf(rest);
      if (rest.length < this.#wanted) return;
      const bytes = rest.subarray(0, this.#wanted);
      rest = rest.subarray(this.#wanted);
      // Before the yield, so that the rest is here if the caller stops iterating.
      this.#chunks = [rest];
      this.#size = rest.length;
      this.#wanted = 0;
      yield this.#typed ? typed(bytes) : this.#opening(bytes);
    }
  }

  /** The bytes of an incomplete message. */
  get rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The size of the next message; of its length field, while that is incomplete. */
  #endOf(rest: Buffer): number {
    const head = this.#typed ? 1 : 0;
    if (rest.length < head + 4) return head + 4;
    const length = rest.readUInt32BE(head);
    const longest = this.#typed ? longestBytes : longestOpeningBytes;
    if (length < 4 || length > longest) throw new Error(`a message of ${length} bytes`);
    return head + length;
  }

  #opening(bytes: Buffer): Frame {
    const code = bytes.length < 8 ? 0 : bytes.readUInt32BE(4);
    const type = openings.get(code);
    if (type === undefined) throw new Error(`an opening with the code ${code}`);
    if (type === "startup") this.#typed = true;
    return { type, body: bytes.subarray(8), bytes };
  }
}

function typed(bytes: Buffer): Frame {
  return { type: String.fromCharCode(bytes[0] ?? 0), body: bytes.subarray(5), bytes };
}

/**
 * The first `count` zero-terminated strings of a body. A string without an end is as long as the
 * body: the server reports what is wrong with it.
 */
export function textsOf(body: Buffer, count: number): string[] {
  const texts: string[] = [];
  let from = 0;
  while (texts.length < count) {
    const end = body.indexOf(0, from);
    texts.push(body.toString("utf8", from, end < 0 ? body.length : end));
    from = end < 0 ? body.length : end + 1;
  }
  return texts;
}
