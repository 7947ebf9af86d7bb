import { setTimeout as delay } from "node:timers/promises";
import { type ContainerRuntimeClient, ImageName } from "testcontainers";

const image = process.env.RYUK_CONTAINER_IMAGE ?? "testcontainers/ryuk:0.14.0";
const pullTimeoutMs = 20_000;

/**
 * Without the image of its reaper every start of testcontainers fails. Where it is neither here nor
 * to be had, the reaper is left out: the watchdog removes the containers of a killed run, too.
 */
export async function forgoReaperWhereNoneIs(client: ContainerRuntimeClient): Promise<void> {
  if (process.env.TESTCONTAINERS_RYUK_DISABLED === "true") return;
  const name = ImageName.fromString(image);
  try {
    if (!(await client.image.exists(name)))
      await Promise.race([
        client.image.pull(name),
        delay(pullTimeoutMs, undefined, { ref: false }),
      ]);
    if (await client.image.exists(name)) return;
  } catch {
    // No registry: the next line is the answer.
  }
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
}
