import {
  type ContainerRuntimeClient,
  getReaper,
  LABEL_TESTCONTAINERS_SESSION_ID,
} from "testcontainers";
import { dockerEngine, reaperImage } from "./engine.ts";

/**
 * By these labels Ryuk, the reaper of testcontainers, finds what a killed run left. None if its
 * image is neither here nor at its registry: the watchdog removes those containers as well.
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
