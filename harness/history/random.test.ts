import { expect, test } from "vitest";
import { type Random, random } from "./random.ts";

const numbers = (source: Random, count = 5) => Array.from({ length: count }, () => source.next());

test("a seed gives the same sequence on every platform and in every version", () => {
  expect(numbers(random(1)).map((it) => it.toFixed(6))).toEqual([
    "0.627074",
    "0.002736",
    "0.527447",
    "0.981051",
    "0.968378",
  ]);
  expect(random(7).text(12)).toBe("02zpieg8jq95");
  expect(random(7).fork("tokens").text(12)).toBe("8thbrrz24qqa");
});

test("different seeds give different sequences", () => {
  const texts = Array.from({ length: 100 }, (_, seed) => random(seed).text(8));
  expect(new Set(texts).size).toBe(100);
});

test("a fork depends on its name, and not on earlier draws", () => {
  const source = random(1);
  const early = numbers(source.fork("routing"));
  source.next();
  expect(numbers(source.fork("routing"))).toEqual(early);
  expect(numbers(source.fork("faults"))).not.toEqual(early);
});

test("drawing from a fork does not change its source", () => {
  const [one, two] = [random(1), random(1)];
  numbers(one.fork("routing"));
  expect(numbers(one)).toEqual(numbers(two));
});

test("numbers below a limit are whole, less than the limit, and evenly distributed", () => {
  const source = random(1);
  const counts = Array.from({ length: 5 }, () => 0);
  for (let i = 0; i < 10_000; i += 1) {
    const drawn = source.below(5);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  expect(counts).toHaveLength(5);
  expect(Math.min(...counts)).toBeGreaterThan(1_800);
});

test("a text has the requested length and only lower-case letters and digits", () => {
  expect(random(3).text(500)).toMatch(/^[0-9a-z]{500}$/);
  expect(random(3).text(0)).toBe("");
});
