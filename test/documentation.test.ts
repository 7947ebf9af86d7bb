/** Generates documentation from code, or checks it against code. `npm run docs` updates it. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Field } from "../docs/generate/field-parts.ts";
import { documentedFault } from "../docs/generate/fault-parts.ts";
import { factsOf, parseExample, partOf } from "../docs/generate/facts.ts";
import { partsIn, withParts } from "../docs/generate/page.ts";
import { parseConfiguration } from "../harness/config/configuration.ts";
import { yamlDocument } from "../harness/config/yaml-document.ts";
import { rowOf } from "../harness/checkers/diagnoses.ts";
import { levels } from "../harness/history/level.ts";

const root = dirname(import.meta.dirname);
const pages = ["README.md", ...globSync("docs/*.md", { cwd: root })].toSorted();
const read = (page: string): string => readFileSync(`${root}/${page}`, "utf8");
const facts = await factsOf(root);

describe("generated parts", () => {
  test.each(pages)("%s is up to date", async (page) => {
    const text = withParts(read(page), (name) => partOf(facts, name));
    await expect(text).toMatchFileSnapshot(`${root}/${page}`);
  });

  test("an outdated part is replaced, and the text around it stays", () => {
    const page = "a\n<!-- generated: one -->\nold\n<!-- /generated -->\nb\n";
    expect(partsIn(page)).toEqual(["one"]);
    expect(withParts(page, (name) => `new ${name}`)).toBe(
      "a\n<!-- generated: one -->\nnew one\n<!-- /generated -->\nb\n",
    );
  });

  test("an unknown part is an error", () => {
    expect(() => partOf(facts, "recipes")).toThrow('no generated part is called "recipes"');
  });

  test("a fault without its tags is an error", () => {
    const source = '/** Kills. */\nexport const kill = defineFault("kill", () => 1);\n';
    expect(() => documentedFault(source, "kill", "kill.ts")).toThrow(
      "kill.ts: the comment of kill needs a sentence, @effect and @heal",
    );
  });
});

describe("links", () => {
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(/\s/g, "-");
  const brokenIn = (page: string, text: string): string[] =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^https?:/.test(link)) return [];
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? page : `${dirname(page)}/${path}`;
      if (!existsSync(`${root}/${file}`)) return [link];
      if (anchor === undefined) return [];
      const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, it = ""]) => anchorOf(it));
      return headings.includes(anchor) ? [] : [link];
    });

  test.each(pages)("%s links to files and headings that exist", (page) => {
    expect(brokenIn(page, read(page))).toEqual([]);
  });

  test("a broken link is found", () => {
    const text = "[a](nowhere.md) [b](faults.md#nothing) [c](faults.md#kill)";
    expect(brokenIn("docs/x.md", text)).toEqual(["nowhere.md", "faults.md#nothing"]);
  });

  test("every page is in the index", () => {
    const index = read("docs/README.md");
    const others = globSync("*.md", { cwd: `${root}/docs` }).filter((it) => it !== "README.md");
    expect(others.filter((it) => !index.includes(`](${it})`))).toEqual([]);
  });
});

describe("the README", () => {
  test("has at most 150 lines", () => {
    expect(read("README.md").split("\n").length).toBeLessThanOrEqual(150);
  });

  test.each(pages)("%s states no count that changes with every commit", (page) => {
    const counts =
      /\b(of \d{2,} points|\d+ (scenarios|faults|diagnoses|checkers|mistakes|cases))\b/;
    expect("it has 58 cases").toMatch(counts);
    expect(read(page)).not.toMatch(counts);
  });
});

describe("commands", () => {
  const bin = `${root}/harness/cli/threadproof.js`;
  const help = (command: string): string =>
    execFileSync(process.execPath, [bin, command, "--help"], { encoding: "utf8" });
  const shown = pages.flatMap((page) => [
    ...read(page).matchAll(/npx threadproof ([a-z]+)([^`\n#|]*)/g),
  ]);

  test.each([...Map.groupBy(shown, ([, command = ""]) => command)])(
    "every flag of %s that a page shows exists",
    (command, uses) => {
      const flags = uses.flatMap(([, , rest = ""]) => rest.match(/--[a-z-]+/g) ?? []);
      const known = help(command);
      expect(known).toContain(`Usage: threadproof ${command}`);
      expect(flags.filter((flag) => !known.includes(`${flag} `))).toEqual([]);
    },
  );
});

test("the README names diagnoses that exist", () => {
  const [, finds = ""] = /^## What it finds\n(.*?)^## /ms.exec(read("README.md")) ?? [];
  const named = [...finds.matchAll(/^\|.*\| ([^|]*) \|$/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, kind = ""]) => kind),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((kind) => rowOf(kind) === null)).toEqual([]);
});

describe("configuration", () => {
  const page = read("docs/configuration.md");
  const sections = page.split(/^(?=## )/m);
  const examplesIn = (text: string): Record<string, unknown>[] =>
    [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(
      ([, yaml = ""]) => parse(yaml) as Record<string, unknown>,
    );

  test.each(["configuration", "promises", "deployed", "quick-start"])(
    "every example in docs/%s.md is valid",
    (name) => {
      const examples = examplesIn(read(`docs/${name}.md`));
      expect(examples).not.toEqual([]);
      for (const example of examples) parseExample(example, `docs/${name}.md`);
    },
  );

  test("an invalid example is an error", () => {
    expect(() => parseExample({ strat: "node" }, "x.md")).toThrow("targets.mine.strat");
  });

  test("every field is in a table", () => {
    const meanings = Map.groupBy(
      page.matchAll(/^\| `([^`]+)` \|.* \| ([^|]*) \|$/gm),
      (it) => it[1],
    );
    const isDescribed = ({ name, meaning }: Field): boolean =>
      meanings.get(name)?.some((row) => row[2]?.includes(meaning)) ?? false;
    expect(facts.fields.all().filter((field) => !isDescribed(field))).toEqual([]);
  });

  test.each(sections.map((section): [string, string] => [section.split("\n")[0] ?? "", section]))(
    "%s has an example of each field in its tables",
    (_, section) => {
      const fields = [...section.matchAll(/^\| `([\w$]+)` \|/gm)].map(([, name]) => name);
      const used = new Set(examplesIn(section).flatMap(keysIn));
      expect(fields.filter((name = "") => !used.has(name))).toEqual([]);
    },
  );

  test("the example in TypeScript is the one in YAML", () => {
    const [, typed = ""] = /defineConfig\((.*?)\);/s.exec(page) ?? [];
    // Without the call around it, the TypeScript object is a YAML object.
    const { value } = yamlDocument(
      typed.replace(/command\(\{(.*)\}\),/s, '{ "kind": "command",$1},'),
      "ts",
    );
    const [yaml] = examplesIn(page);
    expect(parseConfiguration(value, "ts")).toEqual(parseConfiguration(yaml, "yaml"));
  });

  test("an editor finds the schema in the package", () => {
    const [, path = ""] = /\$schema=\.\/node_modules\/threadproof\/(\S+)/.exec(page) ?? [];
    const { files } = JSON.parse(read("package.json")) as { files: string[] };
    expect(files).toContain(path);
  });
});

test("docs/promises.md explains each consistency level, weakest first", () => {
  const [, table = ""] =
    /<!-- levels.*?-->\n(.*?)<!-- \/levels/s.exec(read("docs/promises.md")) ?? [];
  const named = [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
  expect(named).toEqual([...levels]);
});

function keysIn(it: unknown): string[] {
  if (typeof it !== "object" || it === null) return [];
  return Object.entries(it).flatMap(([key, value]) => [key, ...keysIn(value)]);
}
