import {
  type ContainerRuntimeClient,
  getReaper,
  LABEL_TESTCONTAINERS_SESSION_ID,
} from "testcontainers";
import { dockerEngine, reaperImage } from "./engine.ts";

/**
 * Ryuk, the reaper of testcontainers, finds the containers of a killed run by these labels. Empty
 * if Ryuk's image is unavailable: the watchdog removes those containers too.
 */
export async function reaperLabels(
  client: ContainerRuntimeClient,
): Promise<Readonly<Record<string, string>>> {
  const engine = await dockerEngine();
  const place = engine.ok ? await engine.place(reaperImage()) : "nowhere";
  if (place === "nowhere") return {};
  const { sessionId } = await getReaper(client);
  return { [LABEL_TESTCONTAINERS_SESSION_ID]: sessionId };
}
