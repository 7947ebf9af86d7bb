import { expect, test } from "vitest";
import { sweepOf } from "../../../test/support/sample-sweep.ts";
import { sweepHtml } from "./sweep-page.ts";
import { sweepJson, sweepSchema, sweepsIn } from "./sweep-report.ts";

const one = sweepOf("s1 · s2 L | s3 ·");

test("one service is an object with its points, several are a list of objects", () => {
  expect(sweepJson([one])).toBe(one);
  expect(sweepJson([one, one])).toEqual([one, one]);
});

test("a point has its place, its verdict, and the repeated and lost parts", () => {
  expect(one.points[1]).toEqual({
    ...{ name: "s2", where: "database", replied: false, verdict: "violated" },
    ...{ diagnosis: "lost-turn", because: "turn 2 is gone", remedy: "Save it." },
    ...{ repeated: [], lost: ["lost-turn"], reproduce: "sweep --point 's2'" },
    run: "sweep/mine/plain/2",
  });
});

test("the schema accepts a written report, and rejects other fields", () => {
  expect(sweepsIn(JSON.stringify(sweepJson([one])))).toEqual([one]);
  expect(sweepsIn(JSON.stringify(sweepJson([one, one])))).toEqual([one, one]);
  expect(sweepsIn(JSON.stringify({ ...one, services: [] }))).toBeNull();
  expect(sweepsIn(JSON.stringify({ ...one, points: undefined }))).toBeNull();
  expect(sweepsIn("{")).toBeNull();
  expect(sweepSchema()).toMatchObject({ $schema: expect.stringContaining("2020-12") });
});

test("the page is self-contained, and escapes texts", () => {
  const undisturbed = {
    verdict: "violated",
    diagnosis: "<b>",
    because: 'a "quote" & more',
    run: "sweep/mine/plain",
  } as const;
  const page = sweepHtml([{ ...one, undisturbed }]);
  expect(page).not.toMatch(/(src|href)=|@import|url\(/);
  expect(page).toContain("&lt;b&gt;</b> a &quot;quote&quot; &amp; more");
  expect(page.match(/<td class="(holds|violated)" title=/g)).toHaveLength(3);
});
