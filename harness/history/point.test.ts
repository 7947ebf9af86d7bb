import { expect, test } from "vitest";
import {
  formatPath,
  formatPoint,
  isReached,
  parsePath,
  parsePoint,
  type Point,
  pointsOf,
} from "./point.ts";

const points: readonly (readonly [text: string, point: Point])[] = [
  ["model call 1", { at: "model", when: "open", ordinal: 1 }],
  ["after model call 12", { at: "model", when: "after", ordinal: 12 }],
  ["search", { at: "tool", when: "after", tool: "search", ordinal: null }],
  ["before search", { at: "tool", when: "before", tool: "search", ordinal: null }],
  ["before search 1", { at: "tool", when: "before", tool: "search", ordinal: 1 }],
  ["after get_the-time 3", { at: "tool", when: "after", tool: "get_the-time", ordinal: 3 }],
  [
    "before INSERT checkpoint_blobs 2",
    { at: "statement", when: "before", name: "INSERT checkpoint_blobs", ordinal: 2, attempt: 1 },
  ],
  [
    "after ROLLBACK TO 1",
    { at: "statement", when: "after", name: "ROLLBACK TO", ordinal: 1, attempt: 1 },
  ],
  [
    "attempt 2: after COMMIT 3",
    { at: "statement", when: "after", name: "COMMIT", ordinal: 3, attempt: 2 },
  ],
];

test.each(points)("%s is formatted and parsed", (text, point) => {
  expect(parsePoint(text)).toEqual(point);
  expect(formatPoint(point)).toBe(text);
});

test.each(["", "model call", "model call x", "search it", "attempt 2: search"])(
  "%j is rejected with the valid forms",
  (text) => {
    expect(() => parsePoint(text)).toThrow(
      `"${text}" is not a point of a turn: write "model call 1", the name of a tool, `,
    );
  },
);

test("each call of a tool reaches a point with only its name, after the tool has acted", () => {
  const reached = (point: string, place: string) => isReached(parsePoint(point), parsePoint(place));
  expect(reached("search", "after search 2")).toBe(true);
  expect(reached("search", "before search 2")).toBe(false);
  expect(reached("search", "after book 2")).toBe(false);
  expect(reached("after search 1", "after search 2")).toBe(false);
  expect(reached("model call 1", "model call 1")).toBe(true);
  expect(reached("model call 1", "after model call 1")).toBe(false);
});

test.each(["after COMMIT 1", "after COMMIT 1, then model call 2"])(
  "the path %s is formatted and parsed",
  (text) => expect(formatPath(parsePath(text))).toBe(text),
);

const textsOf = (steps: readonly string[]) => pointsOf(steps).map(formatPoint);

test("a turn with n steps has n + 1 model calls and n tool calls as points, in order", () => {
  expect(textsOf([])).toEqual(["model call 1"]);
  expect(textsOf(["search", "book"])).toEqual([
    "model call 1",
    "search",
    "model call 2",
    "book",
    "model call 3",
  ]);
});

test("tools that one message requests at once are between the same two model calls", () => {
  expect(textsOf(["search+book"])).toEqual(["model call 1", "search", "book", "model call 2"]);
});
