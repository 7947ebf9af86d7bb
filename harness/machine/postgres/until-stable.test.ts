import { expect, test } from "vitest";
import { onceSettled } from "./until-stable.ts";

test.each([
  ["what stands still is believed at the second look", [{ rows: 1 }, { rows: 1 }, { rows: 9 }], 2],
  ["what is still written is waited for", [{ rows: 1 }, { rows: 2 }, { rows: 2 }], 3],
])("%s", async (_, seen, looks) => {
  let asked = 0;
  const measured = await onceSettled(async () => seen[asked++]);
  expect([measured, asked]).toEqual([seen[looks - 1], looks]);
});

test("what never settles is taken as it is", async () => {
  let rows = 0;
  expect(await onceSettled(async () => (rows += 1))).toBe(10);
});
