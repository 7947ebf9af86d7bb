import { describe, expect, test } from "vitest";
import type { Diagnosis } from "../checkers/verdict.ts";
import { compare } from "./lists.ts";
import { nameTurns, readable } from "./turn-names.ts";

function diagnosis(...lists: string[][]): Diagnosis {
  return {
    kind: "any",
    because: "",
    remedy: "",
    lists: lists.map((tokens) => ({ label: "a read", replica: "a", at: 0, tokens })),
  };
}

/** Tokens from names like "q1": the letter is the sort, the number is the order of creation. */
function tokens(text: string): string[] {
  return text
    .split(" ")
    .filter(Boolean)
    .map((name) => `tp${name.slice(0, 1)}-wxyz${name.slice(1).padStart(4, "0")}`);
}

function shown(...lists: string[]): (string | number | null)[] {
  const of = diagnosis(...lists.map(tokens));
  const comparison = compare(of, nameTurns(of));
  const items = comparison?.lists.map((list) => list.items.join(" ")) ?? [];
  return [...items, comparison?.parting ?? null];
}

describe("lists side by side", () => {
  test("number turns in the order in which they were sent", () => {
    expect(shown("q1 a2 q5 a6", "q3 a4 q7 a8")).toEqual(["1 3", "2 4", 0]);
  });

  test("show a message without its reply, and a second reply", () => {
    expect(shown("q1 a2 q3 q5 a6", "q1 a2 q3 a4 q5 a7")).toEqual(["1 q2  3", "1  2 3b", 1]);
    expect(shown("q1 a2 a3")).toEqual(["1 a1b", null]);
  });

  test("mark the end of the shorter list, and the repetition in a single list", () => {
    expect(shown("q1 a2 q3 a4", "q1 a2")).toEqual(["1 2", "1", 1]);
    expect(shown("q1 a2 q3 a4 q1 a2")).toEqual(["1 2 1", 2]);
    expect(shown("q1 a2", "")).toEqual(["1", "nothing", 0]);
  });

  test("show ten items around the place where they differ", () => {
    const long = Array.from({ length: 30 }, (_, i) => `q${100 + i}`);
    const other = [...long.slice(0, 14), "q900", ...long.slice(15)];
    expect(shown(long.join(" "), other.join(" "))).toEqual([
      "… q11 q12 q13 q14 q15 q16 q17 q18 q19 q20 …",
      "… q11 q12 q13 q14 q31 q16 q17 q18 q19 q20 …",
      5,
    ]);
  });

  test("name the same turns in sentences", () => {
    const [said = ""] = tokens("q1");
    const [reply = ""] = tokens("a2");
    const of = { ...diagnosis(), because: `${said} was lost` };
    const names = nameTurns(of, [`reply ${reply}`]);
    expect(readable(`${said} got ${reply}`, names)).toBe("turn 1 got reply 1");
    expect(readable(`${said} is unknown`)).toBe("q…0001 is unknown");
  });
});
