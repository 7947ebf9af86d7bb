/** A gate that one attempt passes at a time: the next one enters when the one before has left. */
export class OneAtATime {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn; disposing lets the next one in. */
  async enter(): Promise<Disposable> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = before.then(() => promise);
    await before;
    return { [Symbol.dispose]: resolve };
  }
}
