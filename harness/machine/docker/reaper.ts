import { dockerEngine, reaperImage } from "./engine.ts";

/**
 * Without the image of its reaper every start of testcontainers fails. Where it is neither here nor
 * to be had, the reaper is left out: the watchdog removes the containers of a killed run, too.
 */
export async function forgoReaperWhereNoneIs(): Promise<void> {
  const engine = await dockerEngine();
  const place = engine.ok ? await engine.place(reaperImage()) : "nowhere";
  if (place === "nowhere") process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
}
