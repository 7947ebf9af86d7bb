import { createServer } from "node:net";

/** The least of those that are handed out to be bound at once. */
const firstFree = 12_000;

const free = portsOf(firstFree, 32_000, 97);
const later = portsOf(10_000, firstFree, 16);

/**
 * A port that nobody listens on, for a replica to listen on. It is not one that an outgoing
 * connection could be given in the meantime, and none is handed out twice in a round.
 */
export function freePort(): Promise<number> {
  return free();
}

/**
 * One on which nobody listens for long, or between two that do. It is none that `freePort` hands
 * out, here or in another process, nor one of our Postgres servers.
 */
export function laterPort(): Promise<number> {
  return later();
}

/**
 * Ports from `lowest` on, below `highest`: all of them below the range from which systems take
 * ports for outgoing connections (Linux: 32768). A process begins `apart` ports after the one with
 * the id before its own.
 */
function portsOf(lowest: number, highest: number, apart: number): () => Promise<number> {
  let next = lowest + ((process.pid * apart) % (highest - lowest));
  return async () => {
    for (let tries = 0; tries < highest - lowest; tries += 1) {
      const port = next;
      next = next + 1 >= highest ? lowest : next + 1;
      if (await isFree(port)) return port;
    }
    throw new Error(`no free port between ${lowest} and ${highest}: end what listens there`);
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
