import { createServer } from "node:net";

/** The lowest port that `freePort` hands out. */
const firstFree = 12_000;

const free = portsOf(firstFree, 32_000, 97);
const later = portsOf(10_000, firstFree, 16);

/**
 * A free port for a server that listens at once. The system does not give such a port to an
 * outgoing connection, and no port is handed out twice before all were used.
 */
export function freePort(): Promise<number> {
  return free();
}

/**
 * A free port that may stay unbound for a long time. Neither `freePort`, in any process, nor our
 * Postgres servers use this range.
 */
export function laterPort(): Promise<number> {
  return later();
}

/**
 * Ports from `lowest` to below `highest`. All are below the range from which systems take ports
 * for outgoing connections (Linux: 32768). Processes with adjacent pids start `apart` ports apart.
 */
function portsOf(lowest: number, highest: number, apart: number): () => Promise<number> {
  let next = lowest + ((process.pid * apart) % (highest - lowest));
  return async () => {
    for (let tries = 0; tries < highest - lowest; tries += 1) {
      const port = next;
      next = next + 1 >= highest ? lowest : next + 1;
      if (await isFree(port)) return port;
    }
    throw new Error(`no free port between ${lowest} and ${highest}: end a program that uses one`);
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
