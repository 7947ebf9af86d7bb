import { commandOf } from "../harness/config/configuration.ts";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { dockerEngine } from "../harness/machine/docker/engine.ts";
import { Bundles } from "../harness/machine/bundle.ts";
import { loadConfiguration } from "../harness/engine/load.ts";
import { openResources } from "../harness/engine/resources.ts";
import { openScratch } from "../harness/machine/scratch.ts";
import { createTemplate } from "../harness/deployment/database-template.ts";
import { checkerFigures } from "./checker.bench.ts";
import { databaseFigures } from "./database.bench.ts";
import { dockerFigures } from "./docker.bench.ts";
import type { Figure } from "./figure.ts";
import { ingressFigures } from "./ingress.bench.ts";
import { replicaFigures } from "./replica.bench.ts";
import { statementFigures } from "./statements.bench.ts";
import { containedSuiteFigures, suiteFigures } from "./suite.bench.ts";
import { sweepFigures } from "./sweep.bench.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { configuration } = await loadConfiguration(root, null, root);
const target = configuration.targets["reference"];
if (target === undefined) throw new Error("the configuration has no target reference");

/** Measured one after the other, so that they do not disturb each other. */
const figures: Figure[] = [];
let versions: Readonly<Record<string, string>> = {};
await using reports = openScratch();
const suite = await suiteFigures(reports.folder("reports"));
figures.push(...suite.figures);
{
  const runId = `bench${process.pid.toString(36)}`;
  await using resources = await openResources({ runId, folder: root, databaseUrl: null });
  versions = resources.versions;
  const { cluster } = resources;
  await createTemplate(resources.backendOf(target), cluster, { name: "bench", definition: target });
  await using scratch = openScratch();
  const bundles = new Bundles(root, scratch.folder("bundles"));
  figures.push(...(await replicaFigures(resources, commandOf(target), bundles)));
  figures.push(...(await databaseFigures(resources)), ...(await statementFigures(resources)));
  figures.push(...(await sweepFigures(resources, target)));
}
figures.push(...(await ingressFigures()), ...(await checkerFigures()));
const engine = await dockerEngine();
if (engine.ok) {
  figures.push(...(await dockerFigures(target, root)));
  figures.push(...(await containedSuiteFigures(reports.folder("reports"), suite.run)));
}

const shown = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
const rows = figures.map(({ name, unit, value, floor, budget }) => [
  name,
  `${shown(value)} ${unit}`,
  floor === null ? "" : `${shown(floor.value)} ${unit}, ${floor.name}`,
  floor === null ? "" : `× ${(value / floor.value).toPrecision(2)}`,
  budget ?? "",
]);
const table = [["", "measured", "floor", "ratio", "budget"], ...rows];
const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
console.log(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(" · "),
);
console.log(`${availableParallelism()} cores\n`);
for (const row of table) {
  console.log(
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
if (!engine.ok) console.log(`\nNo figures for containers: ${engine.why}`);
