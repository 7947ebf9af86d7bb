import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parseResult, resultSchema } from "./result-json.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";

// ajv validates the format "date-time" only with a plug-in; the schema also has its pattern.
const validate = new Ajv2020({ validateFormats: false }).compile(resultSchema());

function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(surprising));
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

describe("the JSON Schema beside result.json", () => {
  test.each([
    ["everything as expected", sample],
    ["with a surprise", surprising],
  ])("accepts a run: %s", (_, report) => {
    expect(validate(JSON.parse(JSON.stringify(report)))).toBe(true);
  });

  test.each([
    [["schemaVersion"], 1],
    [["seed"], "7"],
    [["startedAt"], "yesterday"],
    [["results", 0, "asExpected"], undefined],
    [["results", 0, "verdict", "kind"], "passed"],
    [["results", 0, "unheardOf"], true],
    [["results", 5, "ladder", "kept", 0], "L1"],
    [["results", 8, "evidence", 0, "kind"], "replica.naps"],
    [["results", 8, "evidence", 2, "lastLines"], undefined],
    [["notRun", 0, "reason"], undefined],
  ])("rejects a run with an invalid value at %j", (path, value) => {
    expect(validate(changed(path, value))).toBe(false);
  });

  test("accepts an attempt that sent no thread id, because JSON has no undefined", () => {
    const attempt = {
      seq: 1,
      at: 2,
      kind: "attempt.begin",
      attempt: "t1.1",
      turn: "tpq-ab120001",
      thread: "thread",
      client: "user.1",
      requestId: null,
      sound: false,
      on: null,
      purpose: "workload",
      steps: [],
    };
    const report = changed(["results", 0, "evidence"], [attempt]);
    expect(validate(report)).toBe(true);
    expect(parseResult(JSON.stringify(report)).results[0]?.evidence).toEqual([attempt]);
  });

  test("docs/reports.md explains each of its fields", async () => {
    const page = await readFile(new URL("../../docs/reports.md", import.meta.url), "utf8");
    const top = Object.keys(properties(resultSchema()));
    const items = properties(resultSchema())["results"]?.["items"];
    const fields = [...top, ...Object.keys(properties(items))];
    expect(fields).toContain("asExpected");
    expect(fields.filter((field) => !page.includes(`| \`${field}\``))).toEqual([]);
  });
});

type Schema = Record<string, unknown>;

function properties(schema: unknown): Record<string, Schema> {
  return (schema as { properties: Record<string, Schema> }).properties;
}

describe("parseResult", () => {
  test("returns the report that was written", () => {
    expect(parseResult(JSON.stringify(surprising))).toEqual(surprising);
  });

  test("ignores a field that a later version added", () => {
    const later = JSON.stringify({ ...sample, weather: "fine" });
    expect(parseResult(later)).toEqual(sample);
  });

  test.each([
    ["", "r.json is empty: write it again with threadproof run"],
    ['{"schemaVersion": 1', "r.json is not JSON, or was cut off: write it again with"],
    ["[1]", "r.json has no schemaVersion, so threadproof run did not write it"],
    [JSON.stringify({ ...sample, schemaVersion: 3 }), "reads 2: render it with the newer"],
    [JSON.stringify({ ...sample, schemaVersion: 1 }), "reads 2: render it with the older"],
    [
      JSON.stringify(changed(["results", 1, "verdict", "kind"], "passed")),
      "r.json is not a result of threadproof at results[1].verdict.kind: ",
    ],
  ])("explains in one sentence why %.30j is invalid", (text, message) => {
    expect(() => parseResult(text, "r.json")).toThrow(message);
  });
});
