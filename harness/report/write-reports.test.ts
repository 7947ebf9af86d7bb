import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultFormats, parseFormats } from "./formats.ts";
import { parseResult } from "./result-json.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";
import { writeReports } from "./write-reports.ts";

let base = "";
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "threadproof-report-"));
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe("writing the reports", () => {
  test("leaves the four complete files and nothing else", async () => {
    const folder = join(base, "a", "b");
    await writeReports(surprising, { folder, formats: defaultFormats, stepSummary: null });
    const paths = await writeReports(sample, {
      folder,
      formats: defaultFormats,
      stepSummary: null,
    });
    const names = ["junit.xml", "result.json", "result.schema.json", "summary.md"];
    expect((await readdir(folder)).toSorted()).toEqual(names);
    expect(paths.toSorted()).toEqual(names.map((name) => join(folder, name)));
    expect(parseResult(await readFile(join(folder, "result.json"), "utf8"))).toEqual(sample);
  });

  test("leaves only the files of the selected formats", async () => {
    const written = async (list: string): Promise<string[]> => {
      const folder = join(base, list);
      await writeReports(sample, { folder, formats: parseFormats(list), stepSummary: null });
      return (await readdir(folder)).toSorted();
    };
    expect(await written("ctrf, junit")).toEqual(["ctrf.json", "junit.xml"]);
    expect(await written("terminal,github")).toEqual([]);
    expect(await written("json")).toEqual(["result.json", "result.schema.json"]);
    expect(() => parseFormats("junit,jnit")).toThrow(
      'no reporter "jnit"; reporters: terminal, json, junit, ctrf, summary, github',
    );
  });

  test("appends to the step's summary, and keeps the text of other steps", async () => {
    const stepSummary = join(base, "step.md");
    await writeFile(stepSummary, "before\n");
    await writeReports(sample, { folder: base, formats: defaultFormats, stepSummary });
    const text = await readFile(stepSummary, "utf8");
    expect(text).toMatch(/^before\n\n## ✅ threadproof: 10 as expected/);
  });

  test("does not append to a full step summary, because GitHub would reject all of it", async () => {
    const stepSummary = join(base, "step.md");
    await writeFile(stepSummary, "x".repeat(1_048_000));
    await writeReports(sample, { folder: base, formats: defaultFormats, stepSummary });
    expect(await readFile(stepSummary, "utf8")).toHaveLength(1_048_000);
  });

  test("gives a remedy if a file is in the place of the folder", async () => {
    const folder = join(base, "taken");
    await writeFile(folder, "");
    await expect(
      writeReports(sample, { folder, formats: defaultFormats, stepSummary: null }),
    ).rejects.toThrow(
      /taken cannot be written, because a file is .*: remove it, or select another .* --reports$/,
    );
    await expect(
      writeReports(sample, {
        folder: join(folder, "below"),
        formats: defaultFormats,
        stepSummary: null,
      }),
    ).rejects.toThrow(/a file is in the place of a folder/);
  });

  test("gives a remedy if a folder has the name of the file, and leaves no draft", async () => {
    await mkdir(join(base, "result.json", "full"), { recursive: true });
    const failure = writeReports(sample, {
      folder: base,
      formats: defaultFormats,
      stepSummary: null,
    });
    await expect(failure).rejects.toThrow(/result\.json cannot be written, because a folder/);
    await expect(failure).rejects.toHaveProperty("cause.code", "EISDIR");
    expect(await readdir(base)).toEqual(["result.json"]);
  });

  test.runIf(process.platform === "linux")("gives a remedy on a full disk", async () => {
    // Every write to /dev/full fails with ENOSPC, as on a full disk.
    await expect(
      writeReports(sample, { folder: base, formats: defaultFormats, stepSummary: "/dev/full" }),
    ).rejects.toThrow(
      /^no space left to write \/dev\/full: free some space, or set GITHUB_STEP_SUMMARY/,
    );
  });
});
