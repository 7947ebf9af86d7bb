import { spawn } from "node:child_process";
import { once } from "node:events";
import { words } from "../harness/deployment/process/split-command.ts";
import type { Bundles } from "../harness/machine/bundle.ts";
import type { RunResources } from "../harness/engine/resources.ts";
import type { CommandTarget } from "../harness/config/configuration.ts";
import { type Figure, median, timesOf } from "./figure.ts";

const runs = 9;

/** The time from a replica's start until ready, on a migrated database, with its floors. */
export async function replicaFigures(
  resources: RunResources,
  target: CommandTarget,
  bundles: Bundles,
): Promise<Figure[]> {
  await using database = await resources.cluster.create({ template: "bench" });
  const nowhere = "http://127.0.0.1:9";
  const names = { replica: "a", database: database.url, model: nowhere, tools: nowhere };
  let at = 0;
  const recorder = { record: (event: object) => ({ seq: (at += 1), at, ...event }) as never };
  await using site = await resources.backendOf(target).open({ target, replicas: ["a"] });
  await using replica = await site.replica({
    ...{ name: "a", boot: 0, target, environment: {}, recorder, names },
  });
  const starts: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const began = performance.now();
    await replica.start();
    if (run > 0) starts.push(performance.now() - began);
    // The first run ends orderly, so that Node writes its compile cache, as in a redeploy.
    await replica.signal(run === 0 ? "SIGTERM" : "SIGKILL");
  }
  const [, bundle = ""] = words(await bundles.fill(target.start));
  const silent = await timesOf(runs, () => end(process.execPath, [bundle, "--help"]));
  const bare = await timesOf(runs, () => end(process.execPath, ["--eval", "0"]));
  const floor = { name: "the same bundle without listening", value: median(silent) };
  return [
    { name: "a replica ready", unit: "ms", value: median(starts), floor, budget: "under 250" },
    {
      name: "the bundle without listening",
      unit: "ms",
      value: median(silent),
      floor: { name: "a bare Node", value: median(bare) },
      budget: null,
    },
  ];
}

async function end(file: string, args: readonly string[]): Promise<void> {
  await once(spawn(file, args, { stdio: "ignore" }), "exit");
}
