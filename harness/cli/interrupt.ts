const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs work that opens resources. On ctrl-c, `keep` saves the results so far, the resources are
 * disposed of in order and the process ends. A second ctrl-c ends the process at once, and the
 * watchdog cleans up.
 */
export async function interruptible<T>(
  work: (disposeOnInterrupt: (resources: AsyncDisposable) => void) => Promise<T>,
  keep: () => Promise<void> = async () => {},
): Promise<T> {
  let resources: AsyncDisposable | null = null;
  let interrupted = false;
  const handlers = Object.entries(signals).map(([signal, code]) => {
    const handler = (): void => {
      if (interrupted) process.exit(code);
      interrupted = true;
      process.stderr.write("\nstopping the replicas and the database …\n");
      const end = (): never => process.exit(code);
      // Save before the disposal: it makes running scenarios fail, and those are no results.
      const kept = keep();
      const disposed = Promise.resolve(resources?.[Symbol.asyncDispose]());
      void Promise.allSettled([kept, disposed]).then(end);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  try {
    const done = await work((it) => {
      resources = it;
    });
    if (interrupted) await processExit();
    return done;
  } catch (error) {
    // The disposal makes the work fail; the handler is about to end the process.
    if (interrupted) await processExit();
    throw error;
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

/** Never settles: the signal handler ends the process. */
function processExit(): Promise<never> {
  return new Promise(() => {});
}
