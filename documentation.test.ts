import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseResult } from "./harness/report/result-json.ts";
import { readmeWith } from "./harness/report/readme.ts";

const root = import.meta.dirname;
const sample = `${root}/reports/sample/result.json`;

// `npm run readme` writes it again.
test("the README shows the table and the story of the committed run", async () => {
  const report = parseResult(readFileSync(sample, "utf8"), sample);
  const readme = readFileSync(`${root}/README.md`, "utf8");
  await expect(readmeWith(report, readme)).toMatchFileSnapshot(`${root}/README.md`);
});

test("the committed run met every expectation", () => {
  const report = parseResult(readFileSync(sample, "utf8"), sample);
  expect(report.results.length).toBeGreaterThan(30);
  expect(report.results.filter((result) => !result.asExpected)).toEqual([]);
});
