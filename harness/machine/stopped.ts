import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Waits until the kernel reports the process as stopped, or as running again. Linux only. */
export async function stopped(pid: number, wanted: boolean): Promise<void> {
  if (process.platform !== "linux") return;
  for (;;) {
    let state: string;
    try {
      state = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] ?? "";
    } catch {
      return; // the process ended
    }
    if ((state === "T") === wanted) return;
    await delay(1);
  }
}
