/** How the watchdog removes containers: only with node:http, to keep its process small. */
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** The address on which a Docker engine listens. */
export type EngineAddress = { readonly socketPath: string } | { host: string; port: number };

const answerTimeoutMs = 10_000;
const tries = 20;

/**
 * Removes the containers and networks with the label `threadproof.run=<run>`, and returns what it
 * removed: "container tp-x-a". If the engine does not answer, it removes nothing.
 */
export async function removeContainers(engine: EngineAddress, run: string): Promise<string[]> {
  const label = encodeURIComponent(JSON.stringify({ label: [`threadproof.run=${run}`] }));
  const removed = new Set<string>();
  for (let tried = 0; tried < tries; tried += 1) {
    const containers = await listed(engine, `/containers/json?all=1&filters=${label}`);
    const networks = await listed(engine, `/networks?filters=${label}`);
    if (containers.length + networks.length === 0) break;
    for (const { Id, Names = [] } of containers) {
      removed.add(`container ${Names[0]?.slice(1) ?? Id}`);
      await ask(engine, "DELETE", `/containers/${Id}?force=1&v=1`);
    }
    // A network can be removed once its containers are gone: at the latest in the next round.
    for (const { Id, Name = Id } of networks) {
      removed.add(`network ${Name}`);
      await ask(engine, "DELETE", `/networks/${Id}`);
    }
    await delay(100);
  }
  return [...removed];
}

interface Listed {
  readonly Id: string;
  readonly Names?: readonly string[];
  readonly Name?: string;
}

async function listed(engine: EngineAddress, path: string): Promise<readonly Listed[]> {
  const body = await ask(engine, "GET", path);
  try {
    const value: unknown = JSON.parse(body);
    return Array.isArray(value) ? (value as Listed[]) : [];
  } catch {
    return [];
  }
}

/** The body of the response; "" without a response. */
function ask(engine: EngineAddress, method: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    const asked = request({ ...engine, method, path, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.once("end", () => resolve(body)).once("error", () => resolve(""));
    });
    asked.once("error", () => resolve("")).end();
  });
}
