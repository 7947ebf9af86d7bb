import type { StreamReader } from "./stream-reader.ts";

/** How long a client waits for one response, and for each event in it. */
export class Deadline implements Disposable {
  readonly #over = new AbortController();
  readonly #hangUp: AbortSignal | null;
  readonly #whole: NodeJS.Timeout;
  #idle: NodeJS.Timeout | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #began = false;

  constructor(timeoutMs: number, hangUp: AbortSignal | null) {
    this.#hangUp = hangUp;
    this.#whole = this.#timer(timeoutMs, () =>
      this.#began
        ? `the response did not end within ${timeoutMs} ms`
        : `no response within ${timeoutMs} ms`,
    );
    if (hangUp?.aborted === true) this.#leave();
    else hangUp?.addEventListener("abort", this.#leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The response has begun. From now on, each event of a stream has its own deadline. */
  begin(stream: StreamReader | null): void {
    this.#began = true;
    if (stream !== null) this.progress(stream);
  }

  /** An event arrived. */
  progress(stream: StreamReader): void {
    clearTimeout(this.#idle);
    const { idleMs, lingerMs } = stream.options;
    if (stream.failed) {
      this.#over.abort(new Error("the stream reported a failure"));
    } else if (stream.over) {
      this.#lingering ??= this.#timer(lingerMs, () => "the stream was over but stayed open");
    } else if (idleMs !== undefined) {
      this.#idle = this.#timer(idleMs, () => `no event in the stream for ${idleMs} ms`);
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
