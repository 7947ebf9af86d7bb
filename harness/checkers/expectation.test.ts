import { expect, test } from "vitest";
import { holds, meets, type Seen, violated } from "./expectation.ts";

const sees = (kind: Seen["kind"], checker: string | null, ...diagnoses: string[]): Seen => ({
  kind,
  checker,
  diagnoses,
});
const amnesia = violated("remembers-everything", ["amnesia"]);

test("an expectation to hold is met by that verdict alone", () => {
  expect(meets(sees("holds", null), holds)).toBe(true);
  expect(meets(sees("violated", "remembers-everything", "amnesia"), holds)).toBe(false);
  expect(meets(sees("inconclusive", "faults-bit"), holds)).toBe(false);
});

test("a violation is met by that verdict of that checker with those diagnoses", () => {
  expect(meets(sees("violated", "remembers-everything", "amnesia"), amnesia)).toBe(true);
  expect(meets(sees("holds", null), amnesia)).toBe(false);
  expect(meets(sees("inconclusive", "remembers-everything"), amnesia)).toBe(false);
});

test("the right verdict for the wrong reason is a surprise", () => {
  expect(meets(sees("violated", "effects-happen-once", "amnesia"), amnesia)).toBe(false);
  expect(meets(sees("violated", "remembers-everything", "split-brain"), amnesia)).toBe(false);
});

test("diagnoses are a set: exactly those, in any order, however often", () => {
  const two = violated("remembers-everything", ["amnesia", "split-brain"]);
  const seen = (...them: string[]) => meets(sees("violated", "remembers-everything", ...them), two);
  expect(seen("split-brain", "amnesia")).toBe(true);
  expect(seen("split-brain", "amnesia", "amnesia")).toBe(true);
  expect(seen("amnesia")).toBe(false);
  expect(seen("split-brain", "amnesia", "lost-update")).toBe(false);
});

test("diagnoses in perhaps may be seen as well, and no other", () => {
  const varies = violated("remembers-everything", ["amnesia"], { perhaps: ["torn-turn"] });
  const seen = (...them: string[]) =>
    meets(sees("violated", "remembers-everything", ...them), varies);
  expect(seen("amnesia")).toBe(true);
  expect(seen("torn-turn", "amnesia")).toBe(true);
  expect(seen("torn-turn")).toBe(false);
  expect(seen("amnesia", "lost-update")).toBe(false);
});

test("an expectation without a checker is met by any", () => {
  const none = { checker: null, diagnoses: [], perhaps: [] };
  const any = { kind: "inconclusive", ...none, reason: "no faults" } as const;
  expect(meets(sees("inconclusive", "faults-bit"), any)).toBe(true);
  expect(meets(sees("inconclusive", "faults-bit", "amnesia"), any)).toBe(false);
});
