import { expect, test } from "vitest";
import { highest, implies, keptLevels, levels } from "./level.ts";

test("each level implies itself, and the highest level implies all", () => {
  expect(levels.every((level) => implies(level, level))).toBe(true);
  expect(levels.every((level) => implies("linearizable", level))).toBe(true);
  expect(levels.filter((level) => implies("integrity", level))).toEqual(["integrity"]);
});

test("a level implies the levels below it, and none above it", () => {
  expect(implies("sequential", "no-lost-turns")).toBe(true);
  expect(implies("no-lost-turns", "sequential")).toBe(false);
});

test("monotonic reads and read-your-writes do not imply each other", () => {
  expect(implies("monotonic-reads", "read-your-writes")).toBe(false);
  expect(implies("read-your-writes", "monotonic-reads")).toBe(false);
});

test("the highest levels are those that no other given level implies", () => {
  expect(highest([...levels])).toEqual(["linearizable"]);
  expect(highest(["integrity", "read-your-writes", "monotonic-reads"])).toEqual([
    "read-your-writes",
    "monotonic-reads",
  ]);
  expect(highest([])).toEqual([]);
});

test("a broken level breaks all levels that imply it, and no others", () => {
  expect(keptLevels([])).toEqual(levels);
  expect(keptLevels(["integrity"])).toEqual([]);
  expect(highest(keptLevels(["monotonic-reads"]))).toEqual(["read-your-writes"]);
  expect(highest(keptLevels(["sequential"]))).toEqual(["monotonic-reads", "read-your-writes"]);
  expect(highest(keptLevels([], "one-history"))).toEqual(["one-history"]);
});
