import { expect, test } from "vitest";
import { sweepOf } from "../../../test/support/sample-sweep.ts";
import type { SweepReport } from "./sweep-report.ts";
import { sweepText } from "./sweep-text.ts";

const shown = (...reports: SweepReport[]) =>
  sweepText(reports, { columns: 100, color: false }).split("\n");

test("a strip has a letter for each point, followed by each cause with its points", () => {
  const lines = shown(sweepOf("s1 · s2 L model L tool R s3 ?"));
  expect(lines[0]).toBe("── mine: a turn with tool, killed at its points");
  expect(lines.slice(2, 6)).toEqual([
    "          model 1",
    "           tool 1",
    "        ddmtd",
    " plain  ·LLR?",
  ]);
  const at = lines.indexOf(" plain: lost-turn  at 2 points");
  expect(lines.slice(at + 1, at + 5)).toEqual([
    "   s2 … before model 1 (2)",
    "   turn 2 is gone",
    "   → Save it.",
    "   reproduce  sweep --point 's2'",
  ]);
  expect(lines.at(-2)).toBe(
    " plain: 5 of its 5 points · 1 held, 3 violated, 1 inconclusive · 50 per minute, with 5 kills · seed 7",
  );
});

test("several services have one row each, with their names", () => {
  const lines = shown(sweepOf("s1 ·"), sweepOf("s1 L s2 ·", { variant: "naive" }));
  expect(lines.slice(2, 5)).toEqual(["        dd", " plain  ·", " naive  L·"]);
  expect(lines.slice(-3, -1).map((it) => it.slice(0, 12))).toEqual([
    " plain: 1 of",
    " naive: 2 of",
  ]);
});

test("a strip that is too long continues in the next row", () => {
  const many = Array.from({ length: 150 }, (_, i) => `s${i} ·`).join(" ");
  const strips = shown(sweepOf(many)).filter((line) => line.startsWith(" plain  "));
  expect(strips.map((it) => it.length)).toEqual([100, 66]);
});

test("the summary shows an interruption, a sample, and second kills", () => {
  const part = { turnPoints: 200, complete: false, steps: [] };
  const lines = shown(sweepOf("s1 ·", part));
  expect(lines[0]).toBe("── mine: a turn with a plain reply, killed at its points");
  expect(lines.at(-2)).toMatch(/^ plain: 1 of its 200 points .* · interrupted$/);
  expect(shown(sweepOf("s1 ·", { double: true }))[0]).toContain("again in the recovery");
});

test("a violation without a kill is shown as such", () => {
  const undisturbed = {
    verdict: "violated",
    diagnosis: "stale-read",
    because: "late",
    run: "r",
  } as const;
  const lines = shown(sweepOf("s1 ·", { undisturbed }));
  const at = lines.indexOf(" plain: even without a kill: stale-read");
  expect(lines[at + 1]).toBe("   late");
});
