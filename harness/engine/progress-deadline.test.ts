import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Entry } from "../history/history.ts";
import { withProgressDeadline } from "./progress-deadline.ts";

const entry = { kind: "phase", phase: "workload", seq: 1, at: 0 } as const satisfies Entry;
const never = new Promise<never>(() => {});

test("what ends is told, be it a failure", async () => {
  const entries: Entry[] = [];
  expect(await withProgressDeadline(Promise.resolve("done"), { entries })).toBe("done");
  const broken = Promise.reject(new Error("no such table"));
  await expect(withProgressDeadline(broken, { entries })).rejects.toThrow("no such table");
});

test("one in which nothing happens is stuck", async () => {
  const stuck = await withProgressDeadline(never, { entries: [entry] }, { stuckMs: 100 });
  expect(stuck).toBe("nothing happened for 0.1 s");
});

test("a slow one is not, as long as something happens; but it does not go on for ever", async () => {
  const entries: Entry[] = [];
  const ticking = setInterval(() => entries.push(entry), 5);
  const slow = delay(450).then(() => "done");
  expect(await withProgressDeadline(slow, { entries }, { stuckMs: 200, maxIntervals: 1_000 })).toBe(
    "done",
  );
  const endless = await withProgressDeadline(never, { entries }, { stuckMs: 200, maxIntervals: 2 });
  expect(endless).toBe("it was not over after 0.4 s");
  clearInterval(ticking);
});
