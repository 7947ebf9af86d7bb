// About forty turns, 0.5 s each on an idle machine, because most of them start two new replicas.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { effectsHappenOnce } from "../../harness/checkers/effects-happen-once.ts";
import { loadConfiguration } from "../../harness/engine/load.ts";
import { kill } from "../../harness/faults/kill.ts";
import { openResources } from "../../harness/engine/resources.ts";
import { HistoryFile } from "../../harness/history/recording.ts";
import { Secrets } from "../../harness/history/secrets.ts";
import { recordsIn } from "../../harness/engine/replay/read-history.ts";
import { entriesOf, type History } from "../../harness/history/history.ts";
import type { Scenario } from "../../harness/engine/scenario.ts";
import { pairsFor, sweep, type SweepOptions } from "../../harness/engine/sweep/sweep.ts";
import type { Verdict } from "../../harness/checkers/verdict.ts";

const root = `${import.meta.dirname}/../..`;
const runId = `sweep${process.pid.toString(36)}`;
const resources = await openResources({ runId, folder: root, databaseUrl: null });
afterAll(() => resources[Symbol.asyncDispose]());

const { configuration } = await loadConfiguration(root, null, root);
const { reference } = configuration.targets;

function swept(variant: string | null, part: Partial<SweepOptions>) {
  return sweep(optionsOf(variant, part));
}

function optionsOf(variant: string | null, part: Partial<SweepOptions>): SweepOptions {
  const definition = reference?.variants[variant ?? ""];
  if (reference === undefined) throw new Error("the reference app is gone");
  return {
    resources,
    target: { name: "reference", definition: reference },
    variant: definition === undefined ? null : { name: variant ?? "", definition },
    secrets: new Secrets(),
    historyFile: null,
    ...{
      steps: ["search", "book"],
      seed: 1,
      points: null,
      sample: null,
      double: false,
      fresh: false,
    },
    reproduce: (point) => point,
    ...part,
  };
}

const seen = ({ points }: Awaited<ReturnType<typeof sweep>>) =>
  points.map(({ name, verdict, diagnosis }) => [name, verdict, diagnosis]);

test("the reference app holds at each killed point", async () => {
  const report = await swept(null, { sample: 3 });
  expect(report.turnPoints).toBeGreaterThan(100);
  expect(report.points.map(({ verdict }) => verdict)).toEqual(["holds", "holds", "holds"]);
});

/** Points on both sides of each edge, with the diagnosis that theory predicts. Null: it holds. */
const edges = {
  // The service does not wait for saves, so later steps run before earlier ones are saved.
  "async-durability": [
    ["model call 1", null],
    ["before INSERT checkpoints 1", "duplicated-effect"],
    ["before INSERT checkpoints 7", null],
  ],
  // Before its only save the turn starts again, which repeats the tools that have run.
  "exit-durability": [
    ["after model call 1", null],
    ["after search 1", "duplicated-effect"],
    ["before COMMIT 1", "duplicated-effect"],
    ["after COMMIT 1", null],
  ],
  // Violated from the effect until its result is saved.
  "not-idempotent": [
    ["before search 1", null],
    ["after search 1", "duplicated-effect"],
    ["model call 2", null],
  ],
  // Violated as soon as a part of the turn is saved.
  "never-resumes": [
    ["before BEGIN 1", null],
    ["after search 1", expect.any(String)],
    ["model call 3", expect.any(String)],
  ],
  // Violated from the reply until the turn is saved.
  "reply-before-saving": [
    ["after model call 1", null],
    ["before COMMIT 1", "lost-turn"],
    ["after COMMIT 1", null],
  ],
} as const;

test.each(Object.entries(edges))(
  "%s is violated at the points that theory predicts",
  async (variant, expected) => {
    const points = expected.map(([name]) => name);
    const wanted = expected.map(([name, cause]) => [
      name,
      cause === null ? "holds" : "violated",
      cause,
    ]);
    expect(seen(await swept(variant, { points }))).toEqual(wanted);
  },
);

test("two tools in one message have two points each, and the service holds at each", async () => {
  const points = ["before search 1", "before book 2", "after search 1", "after book 2"];
  const report = await swept(null, { steps: ["search+book"], points });
  expect(seen(report)).toEqual(points.map((name) => [name, "holds", null]));
});

test("a second kill during the recovery is also a point", async () => {
  const report = await swept(null, { points: ["model call 2"], double: true, sample: 1 });
  expect(report.points.map(({ verdict }) => verdict)).toEqual(["holds", "holds"]);
  expect(report.points[1]?.name).toMatch(/^model call 2, then /);
});

test("the error about an unknown point lists the known ones", async () => {
  await expect(swept(null, { points: ["after FOO 1"] })).rejects.toThrow(
    /^no point "after FOO 1" .*; there are before and after SELECT threads 1, BEGIN 1 to \d+, .*book 2/,
  );
});

/** A turn, then a kill of its replica. The checker returns the next of `verdicts` in each play. */
function judged(...verdicts: Verdict[]): Scenario {
  return {
    claim: "a turn is answered",
    needs: ["replicas", "kill", "statements"],
    async run({ deployment, inject, conversation }) {
      await conversation().say("a fact", { on: deployment.first });
      await using _ = await inject(kill(deployment.first));
    },
    checks: [{ name: "says-so", needs: [], judge: () => verdicts.shift() ?? holding }],
  };
}

const holding: Verdict = { kind: "holds", checked: 1 };
const doubtful: Verdict = { kind: "inconclusive", because: "no evidence" };

/** The process id of a replica at the beginning of a play. */
function pidAtStart(history: History, replica: string): number | null {
  return entriesOf(history, "replica.start").find((it) => it.replica === replica)?.pid ?? null;
}

const warmedUp = (history: History) =>
  entriesOf(history, "attempt.begin").flatMap((it) => (it.purpose === "warm-up" ? [it.on] : []));

test("the next play reuses a pair on which a play held, after the killed replica restarts", async () => {
  await using pairs = pairsFor(optionsOf(null, {}));
  const { history: one } = await pairs.play(judged());
  const { history: other } = await pairs.play(judged());
  expect([warmedUp(one), warmedUp(other)]).toEqual([["a", "b"], []]);
  expect(pidAtStart(other, "b")).toBe(pidAtStart(one, "b"));
  expect(pidAtStart(other, "a")).toBe(entriesOf(one, "replica.start").at(-1)?.pid);
  expect(entriesOf(other, "attempt.begin").map(({ thread }) => thread)).not.toContain("c1");
});

test("an inconclusive play on a reused pair is repeated, and only the new pair counts", async () => {
  await using pairs = pairsFor(optionsOf(null, {}));
  const verdicts = judged(holding, doubtful, holding, doubtful, doubtful);
  const seen = async () => {
    const { history, judgements } = await pairs.play(verdicts);
    const said = judgements.find(({ checker }) => checker === "says-so");
    return [said?.verdict, warmedUp(history).length, pairs.plays];
  };
  expect(await seen()).toEqual([holding, 2, 1]);
  expect(await seen()).toEqual([holding, 2, 3]);
  expect(await seen()).toEqual([doubtful, 2, 5]);
});

test("each play is a run in the history file, from which the checkers get the same verdict", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "sweep-")), "history.jsonl");
  const file = new HistoryFile(path);
  onTestFinished(() => {
    file[Symbol.dispose]();
    rmSync(dirname(path), { recursive: true });
  });
  const report = await swept("not-idempotent", {
    points: ["after search 1", "model call 2"],
    parallel: 1,
    historyFile: file,
  });
  const runs = recordsIn(readFileSync(path, "utf8"), path);
  // Some points need several plays, and a play that does not hold is repeated on a new pair.
  expect(runs.length).toBeGreaterThanOrEqual(1 + report.kills);
  for (const { entries } of runs) {
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
  }
  const [killed, held] = report.points.map(({ run }) => runs.find((it) => it.header.run === run));
  if (killed === undefined || held === undefined) throw new Error("a point has no run");
  expect(effectsHappenOnce.judge(killed)).toMatchObject({
    kind: "violated",
    diagnoses: [{ kind: "duplicated-effect" }],
  });
  expect(effectsHappenOnce.judge(held)).toMatchObject({ kind: "holds" });
});

test("with fresh: true each play uses a new pair", async () => {
  await using pairs = pairsFor(optionsOf(null, { fresh: true }));
  const { history: one } = await pairs.play(judged());
  const { history: other } = await pairs.play(judged());
  expect(pidAtStart(other, "b")).not.toBe(pidAtStart(one, "b"));
});
