import { expect, test } from "vitest";
import type { PointResult, SweepReport } from "./report.ts";
import { sweepText } from "./text.ts";

const point = (name: string, part: Partial<PointResult> = {}): PointResult => ({
  ...{ name, where: "database", replied: false, verdict: "holds", diagnosis: null, because: null },
  ...{ remedy: null, repeated: [], lost: [], repeat: `sweep --point '${name}'` },
  ...part,
});

const lost = { verdict: "violated", diagnosis: "lost-turn", lost: ["lost-turn"] } as const;
const report: SweepReport = {
  ...{ schemaVersion: 1, target: "mine", variant: null, steps: ["search"], seed: 7 },
  ...{ double: false, turnPoints: 5, durationMs: 6_000, versions: {} },
  points: [
    point("before BEGIN 1"),
    point("after COMMIT 1", { ...lost, because: "turn 2 is gone", remedy: "Save it first." }),
    point("model call 1", { where: "model", ...lost, because: "as above" }),
    point("search", {
      ...{ where: "tools", verdict: "violated", diagnosis: "duplicated-effect" },
      ...{ repeated: ["duplicated-effect"], because: "twice" },
    }),
    point("after COMMIT 2", { verdict: "inconclusive", because: "it was never in flight" }),
  ],
};

const shown = (it: SweepReport) => sweepText(it, { columns: 100, color: false }).split("\n");

test("a strip has a letter for each point, and below it each cause with its points", () => {
  const lines = shown(report);
  expect(lines[0]).toBe("── mine: a turn with search, killed at each of its 5 points");
  expect(lines.slice(2, 4)).toEqual(["  ddmtd", "  ·LLR?"]);
  const at = lines.indexOf(" lost-turn  at 2 points");
  expect(lines.slice(at + 1, at + 5)).toEqual([
    "   after COMMIT 1 · model call 1",
    "   turn 2 is gone",
    "   → Save it first.",
    "   repeat  sweep --point 'after COMMIT 1'",
  ]);
  expect(lines.at(-2)).toBe(" 1 held, 3 violated, 1 inconclusive · 50 points per minute · seed 7");
});

test("it says how many of the points were swept, and breaks a strip that is too long", () => {
  const some = { ...report, turnPoints: 200, steps: [] };
  expect(shown(some)[0]).toBe("── mine: a turn with a plain reply, killed at 5 of its 200 points");
  const many = { ...report, points: Array.from({ length: 150 }, (_, i) => point(`${i}`)) };
  expect(
    shown(many)
      .filter((line) => /^ {2}·+$/.test(line))
      .map((it) => it.length),
  ).toEqual([98, 56]);
  expect(shown({ ...report, double: true })[0]).toContain("killed at 5 pairs of points, with a");
});
