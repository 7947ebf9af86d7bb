import { expect, test } from "vitest";
import { highest, implies, keptLevels, levels } from "./level.ts";

test("each level implies itself, and the highest one implies all", () => {
  expect(levels.every((level) => implies(level, level))).toBe(true);
  expect(levels.every((level) => implies("linearizable", level))).toBe(true);
  expect(levels.filter((level) => implies("integrity", level))).toEqual(["integrity"]);
});

test("a level implies what a level below it implies, and nothing above it", () => {
  expect(implies("sequential", "no-lost-turns")).toBe(true);
  expect(implies("no-lost-turns", "sequential")).toBe(false);
});

test("monotonic reads and read-your-writes do not imply each other", () => {
  expect(implies("monotonic-reads", "read-your-writes")).toBe(false);
  expect(implies("read-your-writes", "monotonic-reads")).toBe(false);
});

test("the highest of some levels are those that no other of them implies", () => {
  expect(highest([...levels])).toEqual(["linearizable"]);
  expect(highest(["integrity", "read-your-writes", "monotonic-reads"])).toEqual([
    "read-your-writes",
    "monotonic-reads",
  ]);
  expect(highest([])).toEqual([]);
});

test("a broken level takes all levels with it that imply it, and no other", () => {
  expect(keptLevels([])).toEqual(levels);
  expect(keptLevels(["integrity"])).toEqual([]);
  expect(highest(keptLevels(["monotonic-reads"]))).toEqual(["read-your-writes"]);
  expect(highest(keptLevels(["sequential"]))).toEqual(["monotonic-reads", "read-your-writes"]);
  expect(highest(keptLevels([], "one-history"))).toEqual(["one-history"]);
});
