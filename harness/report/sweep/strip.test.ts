import { expect, test } from "vitest";
import { sweepOf } from "../../../test/support/sample-sweep.ts";
import { columnsOf, letterOf, placeOf, stretchesOf } from "./strip.ts";

/** The strips as lines: the places, and below them each service. */
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

test("several are aligned at the calls that they all make, whatever they send in between", () => {
  const few = "s1 · model · tool R s2 L";
  const many = "s1 · s2 · s3 · model · s4 · tool · s5 · s6 ·";
  expect(lines(few, many)).toEqual(["dddmdtdd", "·  · RL ", "········"]);
});

test("a call that one of them does not make, or in another place, is no landmark", () => {
  expect(lines("model · tool R", "tool · model ·")).toEqual(["tmt", " ·R", "·· "]);
});

test("a second kill at a call is no landmark: it belongs to the recovery from the first", () => {
  const report = sweepOf("s1 ·");
  const pair = { name: "s1, then model call 1", where: "model", replied: false } as const;
  const points = report.points.flatMap((it) => [it, { ...it, ...pair }]);
  expect(columnsOf([{ ...report, points }]).map(({ landmark }) => landmark)).toEqual([null, null]);
});

test("what is saved after the reply stands behind the reply of all of them", () => {
  expect(lines("s1 · | s2 L", "s1 · s2 · s3 ·")).toEqual(["ddd│d", "·   L", "···  "]);
});

test("a cause is told by the stretches of the turn in which it was seen", () => {
  const { points } = sweepOf("s1 L s2 L s3 L s4 · s5 L");
  const lost = new Set(points.filter(({ verdict }) => verdict === "violated"));
  expect(stretchesOf(lost, points)).toEqual(["s1 … s3 (3)", "s5"]);
});
