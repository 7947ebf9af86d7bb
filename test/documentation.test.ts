import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { parseResult } from "../harness/report/result-json.ts";
import { readmeWith } from "../harness/report/readme-parts.ts";
import { parseConfiguration } from "../harness/config/configuration.ts";
import { yamlDocument } from "../harness/config/yaml-document.ts";

const root = dirname(import.meta.dirname);
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

describe("the configuration that the README shows", () => {
  const [before = "", readme = ""] = readFileSync(`${root}/README.md`, "utf8").split(
    "## Your own service",
  );
  const block = (language: string, text = readme): string =>
    new RegExp(`^\`\`\`${language}\n([^\`]*targets:.*?)^\`\`\``, "ms").exec(text)?.[1] ?? "";
  const yaml = yamlDocument(block("yaml"), "README.md").value;

  test("is sound, and so is that of a stranger, in twenty lines", () => {
    const text = block("yaml", before);
    const { targets: theirs } = parseConfiguration(yamlDocument(text, "README.md").value, "R");
    expect(Object.keys(theirs)).toEqual(["chat"]);
    // Below their heading.
    expect(text.trimEnd().split("\n").slice(1).length).toBeLessThanOrEqual(20);
    const { targets } = parseConfiguration(yaml, "README.md");
    expect(Object.keys(targets)).toEqual(["mine"]);
  });

  test("is the same in TypeScript", () => {
    const [, typed = ""] = /defineConfig\((.*)\);/s.exec(block("ts")) ?? [];
    // An object of TypeScript without its call is one of YAML.
    const { value } = yamlDocument(typed.replace(/command\((.*)\),/s, "$1"), "README.md");
    const kind = { targets: { mine: { kind: "command" } } };
    expect(parseConfiguration(merged(value, kind), "README.md")).toEqual(
      parseConfiguration(yaml, "README.md"),
    );
  });

  test("names its schema where the package has it", () => {
    const [, path = ""] = /\$schema=\.\/node_modules\/threadproof\/(\S+)/.exec(block("yaml")) ?? [];
    expect(existsSync(`${root}/${path}`)).toBe(true);
  });

  test("promises what the table says where nothing is said", () => {
    const { promises } = parseConfiguration(yaml, "README.md").targets["mine"] ?? {};
    const told = leavesOf(promises).map(([path, value]) => {
      const field = path.length === 1 ? path[0] : `${path[0]}: { ${path[1]} }`;
      return `\`${field}\` | \`${String(value)}\``;
    });
    const [, table = ""] = /<!-- promises: .*? -->\n(.*?)<!-- \/promises -->/s.exec(readme) ?? [];
    const rows = table.trim().split("\n").slice(2);
    expect(rows.map((row) => row.split(" | ").slice(0, 2).join(" | ").slice(2))).toEqual(told);
  });
});

test("the README says how many lines of configuration each stranger's service needed", () => {
  const folder = `${root}/examples`;
  const files = globSync("**/threadproof.config.{ts,yaml}", {
    cwd: folder,
    exclude: (name) => name === "node_modules" || name === "bad",
  });
  const counted = files.map((file) => {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    const lines = text.split("\n").filter((line) => !/^\s*(#|\/\/|\/?\*|$)/.test(line));
    const expected = lines.findIndex((line) => /^\s+(only|skip|breaks|variants):/.test(line));
    return `${dirname(file)} | ${expected} | ${lines.length}`;
  });
  const readme = readFileSync(`${root}/README.md`, "utf8");
  const [, table = ""] = /<!-- strangers: .*? -->\n(.*?)<!-- \/strangers -->/s.exec(readme) ?? [];
  const rows = table.matchAll(/^\| \[(\S+)\].* \| (\d+) \| (\d+) \|$/gm);
  const told = [...rows].map(([, name, described, all]) => `${name} | ${described} | ${all}`);
  expect(told.toSorted()).toEqual(counted.toSorted());
});

/** Every field that holds no other, with its path. */
function leavesOf(it: unknown, path: string[] = []): [string[], unknown][] {
  if (typeof it !== "object" || it === null) return [[path, it]];
  return Object.entries(it).flatMap(([name, value]) => leavesOf(value, [...path, name]));
}

function merged(a: unknown, b: unknown): unknown {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a ?? b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const at = (it: object, name: string): unknown => (it as Record<string, unknown>)[name];
  return Object.fromEntries([...names].map((name) => [name, merged(at(a, name), at(b, name))]));
}
