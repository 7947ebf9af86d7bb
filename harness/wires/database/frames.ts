/**
 * Messages of the Postgres protocol, version 3 (https://www.postgresql.org/docs/17/protocol.html):
 * a type of one byte, a length of four that counts itself, and the rest. What a client says first
 * has no type; its code tells what it is.
 */
export interface Frame {
  /** "Q", "P", "Z" …; one of `openings` for what a client says first. */
  readonly type: string;
  /** Without type and length. */
  readonly body: Buffer;
  /** The whole message, as it came. */
  readonly bytes: Buffer;
}

const openings = new Map([
  [196_608, "startup"],
  // Version 3.2, since PostgreSQL 18: only the key of a cancellation is longer.
  [196_610, "startup"],
  [80_877_102, "cancel"],
  [80_877_103, "ssl"],
  [80_877_104, "gss"],
]);

/** A length has 31 bits: what claims more is no message. */
const longestBytes = 2 ** 31 - 1;
/** MAX_STARTUP_PACKET_LENGTH of the server: who begins with more speaks something else. */
const longestOpeningBytes = 10_000;

/** Cuts the bytes of one direction into messages, however they were split on their way. */
export class Framer {
  #chunks: Buffer[] = [];
  #size = 0;
  /** So many bytes have to be there before the next message, or its length, is whole. */
  #wanted = 0;
  /** A client's first messages have no type; after "startup" all have. */
  #typed: boolean;

  constructor(side: "client" | "server") {
    this.#typed = side === "server";
  }

  /** Throws where what comes is not the protocol. */
  *cut(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // Put together only once it is worth it: a long value comes in many pieces.
    if (this.#size < this.#wanted) return;
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#size = rest.length;
      this.#wanted = this.#endOf(rest);
      if (rest.length < this.#wanted) return;
      const bytes = rest.subarray(0, this.#wanted);
      rest = rest.subarray(this.#wanted);
      // Before it is told of: whoever asks for no more must find the rest here.
      this.#chunks = [rest];
      this.#size = rest.length;
      this.#wanted = 0;
      yield this.#typed ? typed(bytes) : this.#opening(bytes);
    }
  }

  /** What has come of a message that is not whole. */
  get rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Of the message that begins here; while its length is not there, of that. */
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
 * Texts that end with a zero byte, from the beginning of a body on: as many as are asked for. One
 * without an end is as long as the body: the server has to say what is wrong with it.
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
