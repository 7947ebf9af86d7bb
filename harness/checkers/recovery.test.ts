import { expect, test } from "vitest";
import { Recording } from "../history/recording.ts";
import { headerOf } from "../../test/support/shorthand.ts";
import { untilRestart } from "./recovery.ts";

test("the history up to the restart keeps the header of a recording", () => {
  const header = headerOf({});
  const recording = new Recording(header, null);
  recording.record({ kind: "phase", phase: "workload" });
  recording.record({ kind: "phase", phase: "restart" });
  const { header: kept, entries } = untilRestart(recording);
  expect(kept).toEqual(header);
  expect(entries).toMatchObject([{ phase: "workload" }]);
});
