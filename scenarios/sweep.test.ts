// Eight runs with a pair of replicas each, at about 0.5 s on a quiet machine, on a server of 1 s.
import { afterAll, expect, test } from "vitest";
import { loadConfiguration } from "../harness/catalogue.ts";
import { openGround } from "../harness/ground.ts";
import { Secrets } from "../harness/secrets.ts";
import { sweep, type SweepOptions } from "../harness/sweep/sweep.ts";

const root = `${import.meta.dirname}/..`;
const runId = `sweep${process.pid.toString(36)}`;
const ground = await openGround({ runId, folder: root, databaseUrl: null });
afterAll(() => ground[Symbol.asyncDispose]());

const { configuration } = await loadConfiguration(root, null, root);
const { reference } = configuration.targets;

function swept(variant: string | null, part: Partial<SweepOptions>) {
  const definition = reference?.variants[variant ?? ""];
  if (reference === undefined) throw new Error("the reference app is gone");
  return sweep({
    ground,
    target: { name: "reference", definition: reference },
    variant: definition === undefined ? null : { name: variant ?? "", definition },
    secrets: new Secrets(),
    ...{ steps: ["search", "book"], seed: 1, points: null, sample: null, double: false },
    repeat: (point) => point,
    ...part,
  });
}

const seen = ({ points }: Awaited<ReturnType<typeof sweep>>) =>
  points.map(({ name, verdict, diagnosis }) => [name, verdict, diagnosis]);

test("the exemplary service holds wherever it is killed", async () => {
  const report = await swept(null, { sample: 3 });
  expect(report.turnPoints).toBeGreaterThan(100);
  expect(report.points.map(({ verdict }) => verdict)).toEqual(["holds", "holds", "holds"]);
});

test("one that never resumes falls with a tool in flight, and not before it has begun", async () => {
  const points = ["before BEGIN 1", "after search 1"];
  expect(seen(await swept("never-resumes", { points }))).toEqual([
    ["before BEGIN 1", "holds", null],
    ["after search 1", "violated", expect.any(String)],
  ]);
});

test("a second kill in the recovery is a point, too", async () => {
  const report = await swept(null, { points: ["model call 2"], double: true, sample: 1 });
  expect(report.points.map(({ verdict }) => verdict)).toEqual(["holds", "holds"]);
  expect(report.points[1]?.name).toMatch(/^model call 2, then /);
});

test("a point that there is none is told with those that there are", async () => {
  await expect(swept(null, { points: ["after FOO 1"] })).rejects.toThrow(
    /^no point "after FOO 1"; there are:\n.*before/,
  );
});
