import { expect, test } from "vitest";
import { scriptDocument } from "./script-document.ts";

const text = `import { command, defineConfig, url } from "threadproof";
const shared = {
  ready: { get: "/ready" },
  say: { post: "/say" },
};
export const late = url({ address: "http://127.0.0.1" });
const variant = (name: string) => ({ env: { NAME: name } });

export default defineConfig({
  targets: {
    mine: command({
      ...shared,
      "start": "serve",
      login: [
        { get: "/one" },
        { get: "/two" },
      ],
      variants: { old: variant("old") },
      say: { post: "/chat" } as const,
    }),
    late,
  },
} satisfies object);
`;

const { lineOf } = scriptDocument(text, null);

test.each([
  ["the whole", [], 9],
  ["a field", ["targets"], 10],
  ["a call", ["targets", "mine"], 11],
  ["a field of what a call was given", ["targets", "mine", "start"], 13],
  ["an element of a list", ["targets", "mine", "login", 1], 16],
  ["a field of an element", ["targets", "mine", "login", 1, "get"], 16],
  ["what is spread", ["targets", "mine", "ready", "get"], 3],
  ["what stands later counts", ["targets", "mine", "say", "post"], 19],
  ["a constant", ["targets", "late", "address"], 6],
  ["what is made at run time: the nearest", ["targets", "mine", "variants", "old", "env"], 18],
  ["what is not there: the nearest", ["targets", "mine", "read", "get"], 11],
] as const)("%s", (_, path, line) => {
  expect(lineOf(path)).toBe(line);
});

test("where nothing is exported here there is no line", () => {
  expect(scriptDocument("export { default } from './other.ts';", null).lineOf(["a"])).toBeNull();
  expect(scriptDocument("export default", null).lineOf([])).toBeNull();
});
