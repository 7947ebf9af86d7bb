import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfiguration, loadScenarios } from "./catalogue.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "catalogue-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const save = (name: string, text: string) => writeFileSync(join(folder, name), text);
const scenario = (claim: string, rank: number) =>
  `export default { claim: "${claim}", rank: ${rank}, needs: [], checks: [], run() {} };`;

describe("scenarios", () => {
  test("a file is a scenario, and its name is that of the file", async () => {
    save("it-survives.js", scenario("it survives", 2));
    save("it-starts.ts", scenario("it starts", 2));
    save("it-matters.js", scenario("it matters", 1));
    const found = await loadScenarios(folder);
    expect(found.map((it) => [it.name, it.definition.claim])).toEqual([
      ["it-matters", "it matters"],
      ["it-starts", "it starts"],
      ["it-survives", "it survives"],
    ]);
  });

  test("tests, types and other files are no scenarios", async () => {
    save("one.js", scenario("one", 1));
    for (const name of ["one.test.js", "one.d.ts", "README.md", "data.json"]) save(name, "}");
    expect((await loadScenarios(folder)).map((it) => it.name)).toEqual(["one"]);
  });

  test("a file that exports none is named, with what is missing", async () => {
    save("none.js", "export default {};");
    await expect(loadScenarios(folder)).rejects.toThrow(
      "none.js does not export a scenario: export default scenario({ claim, … })",
    );
  });
});

describe("a configuration", () => {
  const valid = "export default { targets: {} };";
  const other = () => loadConfiguration(folder, null, "/no/such/folder");

  test("it is that of the folder, in any of its spellings", async () => {
    save("threadproof.config.mjs", valid);
    expect(await other()).toMatchObject({
      file: join(folder, "threadproof.config.mjs"),
      folder,
      configuration: { targets: {}, scenarios: [], allow: [] },
      secrets: [],
    });
  });

  test("a folder without one gets the other one's", async () => {
    save("threadproof.config.js", valid);
    const found = await loadConfiguration(tmpdir(), null, folder);
    expect(found.folder).toBe(folder);
  });

  test("a file that is named is that and no other", async () => {
    save("threadproof.config.js", valid);
    save("mine.js", valid);
    const { file } = await loadConfiguration(folder, "mine.js", folder);
    expect(file).toBe(join(folder, "mine.js"));
    await expect(loadConfiguration(folder, "yours.js", folder)).rejects.toThrow(
      `there is no yours.js in ${folder}`,
    );
  });

  test("without any the one to write is named", async () => {
    await expect(other()).rejects.toThrow(`there is no threadproof.config.ts in ${folder}`);
  });

  test("a mistake in it names the file and the place", async () => {
    save("threadproof.config.js", "export default { targets: { mine: { kind: 'command' } } };");
    await expect(other()).rejects.toThrow("threadproof.config.js:1: targets.mine.start: missing");
  });

  test("a file without a default export is told as that", async () => {
    save("threadproof.config.js", "export const targets = {};");
    await expect(other()).rejects.toThrow(
      "threadproof.config.js: the whole: missing; allowed is an object with ",
    );
  });
});
