import { expect, test } from "vitest";
import { sweepOf } from "../../../test/support/sample-sweep.ts";
import { columnsOf, letterOf, placeOf, stretchesOf } from "./strip.ts";

/** The strips as lines: first the places, then each service. */
function lines(...sweeps: string[]): string[] {
  const reports = sweeps.map((it) => sweepOf(it));
  const columns = columnsOf(reports);
  const rows = reports.map((_, i) =>
    columns.map(({ cells }) => (cells[i] == null ? " " : letterOf(cells[i]))).join(""),
  );
  return [columns.map(({ where }) => placeOf(where)).join(""), ...rows];
}

test("one service has a cell for each point, in the order of the turn", () => {
  expect(lines("s1 · model L s2 · tool R s3 ?")).toEqual(["dmdtd", "·L·R?"]);
});

test("several services are aligned at their common calls, with any statements between", () => {
  const few = "s1 · model · tool R s2 L";
  const many = "s1 · s2 · s3 · model · s4 · tool · s5 · s6 ·";
  expect(lines(few, many)).toEqual(["dddmdtdd", "·  · RL ", "········"]);
});

test("a call that one service makes not at all, or in another order, is not a landmark", () => {
  expect(lines("model · tool R", "tool · model ·")).toEqual(["tmt", " ·R", "·· "]);
});

test("a second kill at a call is not a landmark, because it belongs to the recovery", () => {
  const report = sweepOf("s1 ·");
  const pair = { name: "s1, then model call 1", where: "model", replied: false } as const;
  const points = report.points.flatMap((it) => [it, { ...it, ...pair }]);
  expect(columnsOf([{ ...report, points }]).map(({ landmark }) => landmark)).toEqual([null, null]);
});

test("statements after the reply are placed behind the reply of all services", () => {
  expect(lines("s1 · | s2 L", "s1 · s2 · s3 ·")).toEqual(["ddd│d", "·   L", "···  "]);
});

test("adjacent points with a cause are merged to stretches of the turn", () => {
  const { points } = sweepOf("s1 L s2 L s3 L s4 · s5 L");
  const lost = new Set(points.filter(({ verdict }) => verdict === "violated"));
  expect(stretchesOf(lost, points)).toEqual(["s1 … s3 (3)", "s5"]);
});
