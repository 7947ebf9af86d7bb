import type { RunResources } from "../harness/engine/resources.ts";
import { type Figure, median, timesOf } from "./figure.ts";

const runs = 15;

/** A database cloned from the migrated template, compared with an empty one. */
export async function databaseFigures({ cluster }: RunResources): Promise<Figure[]> {
  const make = (template?: string) =>
    timesOf(runs, async () => {
      await using _ = await cluster.create(template === undefined ? {} : { template });
    });
  const cloned = await make("bench");
  const empty = await make();
  return [
    {
      name: "a cloned database, created and dropped",
      unit: "ms",
      value: median(cloned),
      floor: { name: "an empty one", value: median(empty) },
      budget: "under 100",
    },
  ];
}
