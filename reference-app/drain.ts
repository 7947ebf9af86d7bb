import type { Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "./service.ts";

const sweepMs = 20;
/** Of the grace time, this much is left for the step that is running when it runs out. */
const lastStepMs = 2_000;

/** Times in milliseconds, both from SIGTERM on. */
interface Deadlines {
  /** For the load balancer to notice that the replica is not ready. */
  readonly delayMs: number;
  /** After it the process ends, whatever still runs. */
  readonly graceMs: number;
}

/**
 * Ends a replica that is no longer ready. Resolves to the exit code: 1 if it had to cut turns.
 *
 * It serves until the load balancer has noticed, then accepts no new connections, then waits for
 * every running turn, even if its client has gone. Shortly before the grace time is over, it asks
 * LangGraph to stop the remaining turns before their next step. The next message of such a thread
 * finishes its turn, on another replica.
 */
export async function shutDown(
  server: Server,
  { running, stopTurns, close }: Pick<Service, "running" | "stopTurns" | "close">,
  { delayMs, graceMs }: Deadlines,
): Promise<number> {
  const stopping = setTimeout(stopTurns, Math.max(graceMs - lastStepMs, 0));
  const cut = pause(graceMs, undefined, { ref: false }).then(() => {
    console.error(`cut after ${graceMs} ms; still running: ${running.size}`);
    return 1;
  });
  const finished = pause(delayMs).then(async () => {
    await closed(server);
    while (running.size > 0) await Promise.all(running);
    await close();
    return 0;
  });
  return Promise.race([cut, finished]).finally(() => clearTimeout(stopping));
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // close() waits for keep-alive connections, which become idle only when their answers are out.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  await promise;
  clearInterval(sweep);
}
