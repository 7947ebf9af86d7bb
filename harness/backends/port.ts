import { createServer } from "node:net";

/** Below the range from which systems take ports for outgoing connections (Linux: 32768). */
const lowest = 12_000;
const highest = 32_000;

let next = lowest + ((process.pid * 97) % (highest - lowest));

/**
 * A port that nobody listens on, for a replica to listen on. It is not one that an outgoing
 * connection could be given in the meantime, and none is handed out twice in a round.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < highest - lowest; tries += 1) {
    const port = next;
    next = next + 1 >= highest ? lowest : next + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest}: end what listens there`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
