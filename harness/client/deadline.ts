import type { StreamReader } from "./stream-reader.ts";

/** How long a client waits for one answer, and for what comes in it. */
export class Patience implements Disposable {
  readonly #over = new AbortController();
  readonly #hangUp: AbortSignal | null;
  readonly #whole: NodeJS.Timeout;
  #idle: NodeJS.Timeout | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #began = false;

  constructor(timeoutMs: number, hangUp: AbortSignal | null) {
    this.#hangUp = hangUp;
    this.#whole = this.#timer(timeoutMs, () =>
      this.#began ? `no end of the answer within ${timeoutMs} ms` : `no answer in ${timeoutMs} ms`,
    );
    if (hangUp?.aborted === true) this.#leave();
    else hangUp?.addEventListener("abort", this.#leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The answer has begun: of a stream, events are waited for from here on. */
  begin(stream: StreamReader | null): void {
    this.#began = true;
    if (stream !== null) this.news(stream);
  }

  /** There was an event. */
  news(stream: StreamReader): void {
    clearTimeout(this.#idle);
    const { idleMs, lingerMs } = stream.options;
    if (stream.failed) {
      this.#over.abort(new Error("the stream has said that it failed"));
    } else if (stream.over) {
      this.#lingering ??= this.#timer(lingerMs, () => "the stream was over, and stayed open");
    } else if (idleMs !== undefined) {
      this.#idle = this.#timer(idleMs, () => `no event of the stream for ${idleMs} ms`);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#idle);
    clearTimeout(this.#lingering);
    this.#hangUp?.removeEventListener("abort", this.#leave);
  }

  readonly #leave = (): void => this.#over.abort(this.#hangUp?.reason);

  #timer(ms: number, why: () => string): NodeJS.Timeout {
    return setTimeout(() => this.#over.abort(new Error(why())), ms);
  }
}
