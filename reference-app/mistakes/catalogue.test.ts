import { expect, test } from "vitest";
import { mistakeNamed } from "./catalogue.ts";

test("a mistake is found by its name", () => {
  expect(Object.keys(mistakeNamed("no-lock"))).toEqual(["parts"]);
});

test.each([undefined, "", "typo"])("MISTAKE=%s is refused with the known names", (name) => {
  expect(() => mistakeNamed(name)).toThrow(
    /^MISTAKE must be one of apologises, async-durability, .*; it is "(typo)?"\.$/,
  );
});
