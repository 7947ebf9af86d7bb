import type { Socket } from "node:net";

/** All impairments of a connection, combined. */
export interface Terms {
  readonly latencyMs: number;
  /** Infinity: unlimited. */
  readonly bytesPerSecond: number;
  readonly stalled: boolean;
}

/** The bytes kept in flight, at most; then the sender has to wait, as in a full network. */
const keptBytes = 256 * 1024;
/** With limited bandwidth, bytes pass in pieces of this duration, not in whole chunks. */
const pieceMs = 20;

/** No impairment is left, but bytes are still in flight. */
const healed: Terms = { latencyMs: 0, bytesPerSecond: Infinity, stalled: false };

interface Passage {
  bytes: Buffer;
  readonly arrivedMs: number;
}

/**
 * One direction of a connection. Without impairment it is a plain pipe, which costs nothing per
 * byte. Otherwise bytes, and the sender's end, are kept in order until they may pass.
 */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  /** Null: a plain pipe. */
  #terms: Terms | null = null;
  #way: Passage[] = [];
  #kept = 0;
  #over = false;
  /** When the line is free for the next piece. */
  #freeMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, terms: Terms | null) {
    this.#from = from;
    this.#to = to;
    from.on("close", () => {
      this.#over = true;
      if (this.#terms === null) to.destroy();
      else this.#go();
    });
    to.on("close", () => this.#leave());
    if (terms === null) from.pipe(to);
    else this.adopt(terms);
  }

  /** Null: no impairment. Bytes in flight go first. */
  adopt(terms: Terms | null): void {
    if (this.#to.destroyed || (terms === null && this.#terms === null)) return;
    if (this.#terms === null) {
      this.#from.unpipe(this.#to);
      this.#from.on("data", this.#keep);
      this.#to.on("drain", this.#go);
    }
    this.#terms = terms ?? healed;
    this.#go();
  }

  readonly #keep = (bytes: Buffer): void => {
    this.#way.push({ bytes, arrivedMs: performance.now() });
    this.#kept += bytes.length;
    this.#go();
  };

  /** Passes on what may pass now, and schedules the rest. */
  readonly #go = (): void => {
    clearTimeout(this.#timer);
    const terms = this.#terms;
    if (terms === null) return;
    if (terms.stalled) {
      this.#from.pause();
      return;
    }
    for (let next = this.#way[0]; next !== undefined; next = this.#way[0]) {
      // Its "drain" event continues.
      if (this.#to.writableNeedDrain) break;
      const waitMs = Math.max(next.arrivedMs + terms.latencyMs, this.#freeMs) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(this.#go, waitMs);
        break;
      }
      this.#pass(next, terms.bytesPerSecond);
    }
    if (this.#kept >= keptBytes) this.#from.pause();
    else this.#from.resume();
    if (this.#way.length > 0) return;
    if (this.#over) this.#to.destroySoon();
    else if (terms === healed) this.#pipeAgain();
  };

  #pass(passage: Passage, bytesPerSecond: number): void {
    const { bytes } = passage;
    const most = Math.max(1, Math.floor((bytesPerSecond * pieceMs) / 1_000));
    const piece = bytes.subarray(0, most);
    passage.bytes = bytes.subarray(piece.length);
    if (passage.bytes.length === 0) this.#way.shift();
    this.#kept -= piece.length;
    const now = performance.now();
    this.#freeMs = Math.max(now, this.#freeMs) + (piece.length * 1_000) / bytesPerSecond;
    // A receiver that has hung up takes nothing more.
    if (this.#to.writable) this.#to.write(piece);
  }

  #pipeAgain(): void {
    this.#leave();
    this.#terms = null;
    this.#from.pipe(this.#to);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#way = [];
    this.#kept = 0;
    this.#from.off("data", this.#keep);
    this.#to.off("drain", this.#go);
  }
}
