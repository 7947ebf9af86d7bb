import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

const pollMs = 4;

/** True once a client has connected; false if the server ended or did not answer in time. */
export async function acceptsConnections(
  url: string,
  { isOver, withinMs }: { isOver: () => boolean; withinMs: number },
): Promise<boolean> {
  const begin = performance.now();
  while (!isOver() && performance.now() - begin < withinMs) {
    const client = new pg.Client({ connectionString: url, ssl: false });
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch {
      await delay(pollMs);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}
