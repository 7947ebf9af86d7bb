import { expect, test } from "vitest";
import { growthOf } from "./growth-curve.ts";

const doublings = [1, 2, 4, 8, 16, 32, 64];
const eighths = [8, 16, 24, 32, 40, 48, 56, 64];

function shapeOf(turns: readonly number[], amount: (n: number) => number) {
  return growthOf(turns.map((n) => ({ turns: n, amount: amount(n) })))?.shape;
}

test.each([
  ["doublings", doublings],
  ["every eighth turn", eighths],
])("surveys at %s tell a line from a parabola", (_, turns) => {
  expect(shapeOf(turns, (n) => 5_000 + 900 * n)).toBe("linear");
  expect(shapeOf(turns, (n) => 13_100 * n * n + 2_900 * n)).toBe("quadratic");
  expect(shapeOf(turns, () => 7)).toBe("linear");
  expect(shapeOf(turns, () => 0)).toBe("linear");
});

test("the measured growth of PostgresSaver is quadratic", () => {
  const kB = [16, 58, 220, 859, 3_400, 13_500, 53_700];
  const growth = growthOf(doublings.map((turns, i) => ({ turns, amount: kB[i] ?? 0 })));
  expect(growth).toMatchObject({ shape: "quadratic", from: 32, to: 64 });
});

test("half linear, half quadratic is the border", () => {
  const mixed = (share: number) => (n: number) => (1 - share) * (n / 64) + share * (n / 64) ** 2;
  expect(shapeOf([0, ...doublings], mixed(0.4))).toBe("linear");
  expect(shapeOf([0, ...doublings], mixed(0.6))).toBe("quadratic");
});

test("a bounded saw-tooth is not quadratic, wherever in a tooth the surveys fall", () => {
  for (let keep = 2; keep <= 20; keep++) {
    expect(shapeOf(doublings, (n) => 1_000 * (1 + (n % keep)))).toBe("linear");
    expect(shapeOf(eighths, (n) => 1_000 * (1 + (n % keep)))).toBe("linear");
  }
});

test("a saw-tooth on a line is linear, and one on a parabola is not", () => {
  const tooth = (n: number) => 5_000 * (n % 10);
  for (let every = 1; every <= 16; every++) {
    const turns = Array.from({ length: 8 }, (_, i) => every * (i + 1));
    expect(shapeOf(turns, (n) => 3_000 * n + tooth(n))).toBe("linear");
  }
  expect(shapeOf(eighths, (n) => 3_000 * n * n + tooth(n))).toBe("quadratic");
});

test("one step up at the end is not a bend", () => {
  expect(shapeOf(eighths, (n) => (n === 64 ? 11 : 10))).toBe("linear");
});

test("the cost of a turn is measured for both halves", () => {
  const growth = growthOf(eighths.map((turns) => ({ turns, amount: turns * turns })));
  expect(growth).toMatchObject({ early: 40, late: 96, from: 32, to: 64 });
});

test("surveys before and after a cleanup of the same turn count as one point, the larger", () => {
  const points = eighths.flatMap((turns) => [
    { turns, amount: turns * turns },
    { turns, amount: 1 },
  ]);
  expect(growthOf(points)?.shape).toBe("quadratic");
});

test("three different numbers of turns are too few", () => {
  expect(shapeOf([1, 2, 4], (n) => n * n)).toBeUndefined();
  expect(shapeOf([1, 2, 4, 4], (n) => n * n)).toBeUndefined();
});
