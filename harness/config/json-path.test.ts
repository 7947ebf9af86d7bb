import { expect, test } from "vitest";
import { deepestOn, jsonPath, select } from "./json-path.ts";

const json = {
  values: { messages: [{ type: "human", content: "hi" }, { type: "ai", content: "ho" }, null] },
  "x-id": 7,
  empty: {},
};

test.each<[path: string, found: unknown[]]>([
  ["$", [json]],
  ["$.x-id", [7]],
  ["$['x-id']", [7]],
  ["$.values.messages[*].content", ["hi", "ho"]],
  ["$.values.messages[-1:]", [null]],
  ["$..type", ["human", "ai"]],
  ["$.values.messages[?(@.type=='ai')].content", ["ho"]],
  ["$.values.messages[?@.type == 'ai' && match(@.content, 'h.')].content", ["ho"]],
  ["$.values.nothing", []],
])("%s", (path, found) => {
  expect(jsonPath.safeParse(path).success).toBe(true);
  expect(select(json, path)).toEqual(found);
});

test("the first path that finds a value counts", () => {
  expect(select(json, ["$.nothing", "$.x-id", "$.values"])).toEqual([7]);
});

test.each([null, 7, "text", []])("$ finds %j, and a field path finds nothing", (value) => {
  expect(select(value, "$")).toEqual([value]);
  expect(select(value, "$.field")).toEqual([]);
});

test.each(["$.", "$[", "$.a[(@.length-1)]", "$.a[?(@.b === 1)]", "$.a[?(process.exit())]"])(
  "%s is rejected by validation",
  (path) => {
    expect(jsonPath.safeParse(path).error?.issues).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^not a JSON path \(RFC 9535\)/) }),
    ]);
  },
);

test.each<[path: string, deepest: unknown]>([
  ["$.empty.messages[*]", json.empty],
  ["$.values.messages[1].content.text", "ho"],
  ["$.values.messages[*].nothing", json.values.messages],
  ["$.nothing", json],
])("the deepest value on the way to %s", (path, deepest) => {
  expect(deepestOn(json, path)).toBe(deepest);
});
