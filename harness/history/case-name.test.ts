import { expect, test } from "vitest";
import { formatCase, formatRun, formatService, isNamed } from "./case-name.ts";

const plain = { scenario: "restart", target: "mine", variant: null };
const variant = { ...plain, variant: "forgets" };

test("the plain target has a short name in reports, and a full name for a run", () => {
  expect([formatService(plain), formatService(variant)]).toEqual(["mine", "mine/forgets"]);
  expect([formatCase(plain), formatCase(variant)]).toEqual([
    "restart/mine",
    "restart/mine/forgets",
  ]);
  expect(formatRun(plain, { experiment: null, round: 0 })).toBe("restart/mine/plain");
  expect(formatRun(variant, { experiment: "one replica", round: 1 })).toBe(
    "restart/mine/forgets/one-replica/2",
  );
});

test.each(["restart", "restart/forgets", "restart/mine", "restart/mine/forgets"])(
  "%s selects the case of a variant",
  (typed) => {
    expect(isNamed(variant, typed)).toBe(true);
    expect(isNamed({ ...variant, scenario: "zombie" }, typed)).toBe(false);
  },
);

test("a name without another variant selects the plain target", () => {
  expect([isNamed(plain, "restart/plain"), isNamed(plain, "restart/forgets")]).toEqual([
    true,
    false,
  ]);
});
