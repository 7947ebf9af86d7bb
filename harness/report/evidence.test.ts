import { expect, test } from "vitest";
import type { Entry } from "../history/history.ts";
import { evidenceLines } from "./evidence.ts";
import type { Result } from "./result.ts";

test("the line of a read names the view of the thread", () => {
  const about = { kind: "read.begin", thread: "c1", client: "c1#1", on: null } as const;
  const evidence: Entry[] = [
    { seq: 1, at: 1, ...about, view: "read", read: "c1/r1", final: false },
    { seq: 2, at: 2, ...about, view: "secondView", read: "c1/r2", final: true },
  ];
  const lines = evidenceLines({ evidence } as unknown as Result);
  expect(lines.map(({ text }) => text)).toEqual([
    "thread c1 is read",
    "thread c1 is read through its second view after all faults are healed",
  ]);
});
