const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs something that stands on a ground. On ctrl-c the ground is given back in order, and the
 * process ends; a second ctrl-c ends it at once, and leaves the rest to the watchdog. `keep` then
 * puts away what there is so far.
 */
export async function interruptible<T>(
  work: (onGround: (ground: AsyncDisposable) => void) => Promise<T>,
  keep: () => Promise<void> = async () => {},
): Promise<T> {
  let ground: AsyncDisposable | null = null;
  let interrupted = false;
  const handlers = Object.entries(signals).map(([signal, code]) => {
    const handler = (): void => {
      if (interrupted) process.exit(code);
      interrupted = true;
      process.stderr.write("\nstopping what was started …\n");
      const end = (): never => process.exit(code);
      // Kept first: what plays on while its ground is taken away would tell of that.
      const kept = keep();
      const given = Promise.resolve(ground?.[Symbol.asyncDispose]());
      void Promise.allSettled([kept, given]).then(end);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  try {
    const done = await work((it) => {
      ground = it;
    });
    if (interrupted) await forEver();
    return done;
  } catch (error) {
    // What fails because the ground is being taken away is no news: the handler ends the process.
    if (interrupted) await forEver();
    throw error;
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

function forEver(): Promise<never> {
  return new Promise(() => {});
}
