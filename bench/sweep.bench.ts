import { mapInParallel } from "../harness/engine/parallel.ts";
import type { RunResources } from "../harness/engine/resources.ts";
import { Secrets } from "../harness/history/secrets.ts";
import type { SweepReport } from "../harness/report/sweep/sweep-report.ts";
import { sweep } from "../harness/engine/sweep/sweep.ts";
import type { Target } from "../harness/config/configuration.ts";
import type { Figure } from "./figure.ts";

const sampled = 40;

/**
 * Points of a sweep: with reused pairs of replicas, and with a fresh pair for each point. The floor
 * of the latter is the time of its process starts alone.
 */
export async function sweepFigures(resources: RunResources, target: Target): Promise<Figure[]> {
  const kept = await sweepFor(resources, target, false);
  const fresh = await sweepFor(resources, target, true);
  const starts = { name: "the same starts alone", value: await startsPerMinute(resources, target) };
  const unit = "points/minute";
  return [
    {
      ...{ name: "points of a sweep", unit, value: perMinute(kept, sampled), budget: "above 150" },
      floor: { name: "a fresh pair each", value: perMinute(fresh, sampled) },
    },
    {
      ...{ name: "on a fresh pair each", unit, value: perMinute(fresh, sampled), budget: null },
      floor: starts,
    },
    {
      ...{ name: "kills of a sweep", unit: "kills/minute", budget: null },
      value: perMinute(kept, kept.kills),
      floor: { name: "a fresh pair each", value: perMinute(fresh, fresh.kills) },
    },
  ];
}

async function sweepFor(
  resources: RunResources,
  target: Target,
  fresh: boolean,
): Promise<SweepReport> {
  const report = await sweep({
    ...{ resources, target: { name: "bench", definition: target }, variant: null },
    ...{
      steps: target.tools,
      seed: 1,
      secrets: new Secrets(),
      historyFile: null,
      points: null,
      sample: sampled,
    },
    ...{ double: false, fresh, reproduce: (point: string) => point },
  });
  const held = report.points.filter(({ verdict }) => verdict === "holds").length;
  if (held !== sampled) throw new Error(`${sampled - held} of ${sampled} points did not hold`);
  return report;
}

function perMinute({ durationMs }: SweepReport, count: number): number {
  return (count * 60_000) / durationMs;
}

/** The starts of each point: a fresh pair with its own database, and a restart after the kill. */
async function startsPerMinute(resources: RunResources, target: Target): Promise<number> {
  const began = performance.now();
  await mapInParallel(Array.from({ length: sampled }), () => startPair(resources, target));
  return (sampled * 60_000) / (performance.now() - began);
}

async function startPair(resources: RunResources, target: Target): Promise<void> {
  const names = ["a", "b"];
  const nowhere = "http://127.0.0.1:9";
  await using database = await resources.cluster.create({ template: "bench" });
  await using site = await resources.backendOf(target).open({ target, replicas: names });
  let seq = 0;
  const recorder = { record: (event: object) => ({ seq: (seq += 1), at: seq, ...event }) as never };
  const pair = await Promise.all(
    names.map((name) =>
      site.replica({
        ...{ name, boot: 0, environment: {}, recorder, isWatched: true },
        names: { replica: name, database: database.url, model: nowhere, tools: nowhere },
      }),
    ),
  );
  await Promise.all(pair.map((replica) => replica.start()));
  await pair[0]?.signal("SIGKILL");
  await pair[0]?.start();
}
