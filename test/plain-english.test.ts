/**
 * Texts that people read are plain English. `npm run words` lists every offence by file and line;
 * `npm run words -- harness/wires` lists those of a folder.
 */
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { idioms, offencesIn, offencesUnder, textsOf } from "./support/plain-english.ts";

const root = dirname(import.meta.dirname);

describe.each(idioms)("$name", ({ name, bad, good }) => {
  const found = (text: string): string[] => offencesIn("a.md", text).map(({ idiom }) => idiom);

  test.each(bad)("is found: %s", (text) => expect(found(text)).toContain(name));
  test.each(good)("is not found: %s", (text) => expect(found(text)).not.toContain(name));
});

test("texts of code are its comments and strings, with the lines on which they begin", () => {
  const code = [
    "const told = 1; // one",
    "// two",
    "/** three",
    " * four */",
    "const it = `five ${told}\nsix`;",
    "const pattern = /'seven/;",
    "test('eight', () => {});",
  ];
  const texts = textsOf("a.ts", code.join("\n"));
  expect(texts.map(({ line, text }) => [line, text.trim()])).toEqual([
    [1, "one\n two"],
    [3, "three\n four"],
    [5, "five …\nsix"],
    [8, "eight"],
  ]);
});

test("texts of a page are its prose, and those of a script its comments", () => {
  const page = "One.\n\n```sh\nthis is told\n```\nTwo `told`.\n";
  expect(offencesIn("a.md", page)).toEqual([]);
  expect(offencesIn("a.md", `${page}It is told.`)).toEqual([
    { line: 7, idiom: "told", excerpt: "It is told." },
  ]);
  expect(offencesIn("a.yml", "told: 1\nb: 2 # it is told\n").map(({ line }) => line)).toEqual([2]);
});

test("no file contains one of them", () => {
  expect(offencesUnder(root)).toEqual([]);
});
