import { expect, test } from "vitest";
import { onceSettled } from "./until-stable.ts";

test.each([
  ["returns a value once two measurements agree", [{ rows: 1 }, { rows: 1 }, { rows: 9 }], 2],
  ["measures again while the value changes", [{ rows: 1 }, { rows: 2 }, { rows: 2 }], 3],
])("%s", async (_, seen, looks) => {
  let asked = 0;
  const measured = await onceSettled(async () => seen[asked++]);
  expect([measured, asked]).toEqual([seen[looks - 1], looks]);
});

test("returns the last measurement of a value that never settles", async () => {
  let rows = 0;
  expect(await onceSettled(async () => (rows += 1))).toBe(10);
});
