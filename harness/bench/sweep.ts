import { availableParallelism } from "node:os";
import type { Ground } from "../ground.ts";
import { random } from "../random.ts";
import { Secrets } from "../secrets.ts";
import { sweep } from "../sweep/sweep.ts";
import type { Target } from "../target/configuration.ts";
import type { Figure } from "./figure.ts";

const sampled = 40;

/** Points of a sweep, beside the same starts of processes with nothing in between. */
export async function sweepFigures(ground: Ground, target: Target): Promise<Figure[]> {
  const report = await sweep({
    ...{ ground, target: { name: "bench", definition: target }, variant: null },
    ...{ steps: target.tools, seed: 1, secrets: new Secrets(), points: null, sample: sampled },
    ...{ double: false, fresh: false, repeat: (point: string) => point },
  });
  const held = report.points.filter(({ verdict }) => verdict === "holds").length;
  if (held !== sampled) throw new Error(`${sampled - held} of ${sampled} points did not hold`);
  const value = (sampled * 60_000) / report.durationMs;
  const floor = { name: "the same starts alone", value: await startsPerMinute(ground, target) };
  return [{ name: "points of a sweep", unit: "points/minute", value, floor, budget: "above 150" }];
}

/** What each point starts: a fresh pair on a database of its own, and the one killed once more. */
async function startsPerMinute(ground: Ground, target: Target): Promise<number> {
  const began = performance.now();
  let left = sampled;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await startPair(ground, target);
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
  return (sampled * 60_000) / (performance.now() - began);
}

async function startPair(ground: Ground, target: Target): Promise<void> {
  const names = ["a", "b"];
  const nowhere = "http://127.0.0.1:9";
  await using database = await ground.cluster.create({ template: "bench" });
  await using site = await ground
    .backendOf(target)
    .open({ target, replicas: names, random: random(1) });
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
