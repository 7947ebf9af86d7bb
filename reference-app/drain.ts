import type { Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "./service.ts";

const sweepMs = 20;

/** Ends a replica; resolves to its exit code. */
export type ShutDown = (service: Service, server: Server) => Promise<number>;

/**
 * Not ready at once, so that the balancer looks elsewhere; serving until it has noticed; then no
 * new connections; then every running turn to its end, also those whose client is gone. What is not
 * done within the grace time is finished by the next message of its thread, on another replica.
 */
export const shutDown: ShutDown = async (service, server) => {
  const { DRAIN_DELAY_MS, GRACE_MS } = service.settings;
  service.draining = true;
  return Promise.race([
    pause(GRACE_MS, undefined, { ref: false }).then(() => {
      console.error(`still running after ${GRACE_MS} ms, and cut: ${service.running.size}`);
      return 1;
    }),
    pause(DRAIN_DELAY_MS).then(async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      // A connection that is kept alive becomes idle when its answer is out, and close() waits for
      // it.
      const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
      await closed;
      clearInterval(sweep);
      while (service.running.size > 0) await Promise.all(service.running);
      await service.close();
      return 0;
    }),
  ]);
};
