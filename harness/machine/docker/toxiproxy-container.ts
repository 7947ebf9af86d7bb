import { setTimeout as delay } from "node:timers/promises";
import { images } from "./engine.ts";
import { freePort } from "../port.ts";
import { probe } from "../probe.ts";
import type { ToxiproxyServer } from "../../wires/database/toxiproxy.ts";
import type { Containers } from "./containers.ts";

const name = "toxiproxy";
const apiPort = 8474;
const readyTimeoutMs = 30_000;
const pollMs = 15;

/**
 * One Toxiproxy server for a run. Only its API is published: containers reach its links directly,
 * on any port.
 */
export async function startToxiproxy(containers: Containers): Promise<ToxiproxyServer> {
  const outside = await freePort();
  await containers.run({ name, image: images.databaseWire, publish: { [apiPort]: outside } });
  const api = new URL(`http://127.0.0.1:${outside}`);
  const deadline = performance.now() + readyTimeoutMs;
  while (performance.now() < deadline) {
    const answer = await probe(new URL("/version", api), "GET", 1_000);
    if (answer?.status === 200) return { api, host: containers.hostOf(name) };
    await delay(pollMs);
  }
  throw new Error(`Toxiproxy did not start in the container ${containers.hostOf(name)}`);
}
