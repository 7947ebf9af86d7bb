import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Baseline, writeBaseline } from "./baseline.ts";
import type { Result } from "../report/result.ts";

let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "baseline-"));
  file = join(folder, "baseline.json");
});

afterEach(() => rmSync(folder, { recursive: true }));

const accepted = {
  kind: "violated",
  checker: "remembers-everything",
  diagnoses: ["amnesia"],
  perhaps: ["torn-turn"],
  reason: "we know, see ticket 7",
};

function save(value: unknown): void {
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
}

/** The fields of a result that a baseline uses. */
function resultOf(given: Partial<Result>): Result {
  return {
    scenario: "restart",
    target: "mine",
    variant: null,
    verdict: { kind: "violated", because: "it forgot" },
    checker: "remembers-everything",
    diagnoses: [{ kind: "amnesia", because: "", remedy: "" }],
    ...given,
  } as Result;
}

describe("reading", () => {
  test("an entry is found by target, variant and scenario", () => {
    const other = { ...accepted, diagnoses: ["split-brain"] };
    save({
      schemaVersion: 1,
      accepted: { mine: { restart: accepted }, "mine/fast": { restart: other } },
    });
    const baseline = Baseline.read(file);
    expect(baseline.find({ target: "mine", variant: null, scenario: "restart" })).toEqual(accepted);
    expect(baseline.find({ target: "mine", variant: "fast", scenario: "restart" })).toEqual(other);
    expect(baseline.find({ target: "mine", variant: "slow", scenario: "restart" })).toBeNull();
    expect(baseline.find({ target: "mine", variant: null, scenario: "round-robin" })).toBeNull();
    expect(baseline.find({ target: "toString", variant: null, scenario: "restart" })).toBeNull();
  });

  test("the error for a missing file explains how to write one", () => {
    expect(() => Baseline.read(file)).toThrow(
      `there is no baseline ${file}; write one with --baseline ${file} --write-baseline`,
    );
  });

  test.each([
    ["not JSON", "{", "is not JSON: "],
    ["another version", { schemaVersion: 2, accepted: {} }, "schemaVersion: "],
    [
      "no reason",
      { schemaVersion: 1, accepted: { mine: { restart: { ...accepted, reason: "" } } } },
      "accepted.mine.restart.reason: ",
    ],
    [
      "a verdict that needs no entry",
      { schemaVersion: 1, accepted: { mine: { restart: { ...accepted, kind: "holds" } } } },
      'accepted.mine.restart.kind: Invalid option: expected one of "violated"|"inconclusive"',
    ],
    [
      "a diagnosis that does not exist",
      {
        schemaVersion: 1,
        accepted: { mine: { restart: { ...accepted, diagnoses: ["amnesai"] } } },
      },
      'accepted.mine.restart.diagnoses.0: no diagnosis "amnesai" (did you mean "amnesia"?)',
    ],
  ])("the error for an invalid file names the file and the place: %s", (_, value, sentence) => {
    save(value);
    expect(() => Baseline.read(file)).toThrow(file);
    expect(() => Baseline.read(file)).toThrow(sentence);
  });
});

describe("writing", () => {
  test("a new entry accepts the result and asks for a reason", () => {
    expect(writeBaseline(file, [resultOf({}), resultOf({ variant: "fast" })])).toBe(2);
    const asks = "explain here why this is accepted";
    expect(
      Baseline.read(file).find({ target: "mine", variant: null, scenario: "restart" }),
    ).toEqual({
      ...accepted,
      perhaps: [],
      reason: asks,
    });
    expect(
      Baseline.read(file).find({ target: "mine", variant: "fast", scenario: "restart" }),
    ).toMatchObject({ reason: asks });
  });

  test("writing keeps the reasons of the file, and drops entries that no longer occur", () => {
    const both = { restart: accepted, "round-robin": accepted };
    save({ schemaVersion: 1, accepted: { mine: both } });
    writeBaseline(file, [resultOf({ diagnoses: [] })]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      schemaVersion: 1,
      accepted: { mine: { restart: { ...accepted, diagnoses: [], perhaps: [] } } },
    });
    save({ schemaVersion: 1, accepted: { mine: { restart: accepted } } });
    writeBaseline(file, [resultOf({})]);
    expect(
      Baseline.read(file).find({ target: "mine", variant: null, scenario: "restart" }),
    ).toEqual(accepted);
  });

  test("a claim that holds gets no entry, because that is the default", () => {
    const holds = resultOf({ verdict: { kind: "holds", because: "9 checked" }, checker: null });
    expect(writeBaseline(file, [holds])).toBe(0);
    expect(
      Baseline.read(file).find({ target: "mine", variant: null, scenario: "restart" }),
    ).toBeNull();
  });

  test("writing does not overwrite a file that is not a baseline", () => {
    save("my diary");
    expect(() => writeBaseline(file, [resultOf({})])).toThrow("is not JSON");
    expect(readFileSync(file, "utf8")).toBe("my diary");
  });
});
