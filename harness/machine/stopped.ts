import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Waits until the kernel says that the process is stopped, or is no longer. Linux only: a fact. */
export async function stopped(pid: number, wanted: boolean): Promise<void> {
  if (process.platform !== "linux") return;
  for (;;) {
    let state: string;
    try {
      state = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] ?? "";
    } catch {
      return; // It ended.
    }
    if ((state === "T") === wanted) return;
    await delay(1);
  }
}
