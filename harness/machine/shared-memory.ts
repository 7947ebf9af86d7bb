import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes the System V segment that a killed Postgres server left: 56 bytes, its lock against a
 * second server on the same folder. After SIGQUIT a server removes it and postmaster.pid itself.
 * Call this only when all processes of the server have ended.
 * Best effort: without the file or the ipcrm program, nothing happens.
 */
export function removeSharedMemory(dataFolder: string): void {
  try {
    // The seventh line is "key id" (postmaster.pid of Postgres 9.6 and later).
    const lines = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
    const id = lines[6]?.trim().split(/\s+/)[1];
    if (id !== undefined) execFileSync("ipcrm", ["-m", id], { stdio: "ignore" });
  } catch {
    // The file is missing: the usual case. Without ipcrm 56 bytes remain until a reboot.
  }
}
