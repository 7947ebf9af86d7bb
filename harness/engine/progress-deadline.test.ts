import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Entry } from "../history/history.ts";
import { withProgressDeadline } from "./progress-deadline.ts";

const entry = { kind: "phase", phase: "workload", seq: 1, at: 0 } as const satisfies Entry;
const never = new Promise<never>(() => {});

test("a scenario that ends gives its result or its error", async () => {
  const entries: Entry[] = [];
  expect(await withProgressDeadline(Promise.resolve("done"), { entries })).toBe("done");
  const broken = Promise.reject(new Error("no such table"));
  await expect(withProgressDeadline(broken, { entries })).rejects.toThrow("no such table");
});

test("a scenario without progress is stuck", async () => {
  const stuck = await withProgressDeadline(never, { entries: [entry] }, { stuckMs: 100 });
  expect(stuck).toBe("the scenario made no progress for 0.1 s");
});

test("a slow scenario with progress is not stuck, but an endless one is ended", async () => {
  const entries: Entry[] = [];
  const ticking = setInterval(() => entries.push(entry), 5);
  const slow = delay(450).then(() => "done");
  expect(await withProgressDeadline(slow, { entries }, { stuckMs: 200, maxIntervals: 1_000 })).toBe(
    "done",
  );
  const endless = await withProgressDeadline(never, { entries }, { stuckMs: 200, maxIntervals: 2 });
  expect(endless).toBe("the scenario did not end within 0.4 s");
  clearInterval(ticking);
});
