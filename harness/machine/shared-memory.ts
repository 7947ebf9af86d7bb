import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes the System V segment (56 bytes, Postgres's lock against a second server on the same
 * folder) of a server that was killed: one that ends by SIGQUIT removes it, and its
 * postmaster.pid, by itself. Call it only when none of its processes lives.
 * Best effort: without the file, or without the ipcrm program, nothing happens.
 */
export function removeSharedMemory(dataFolder: string): void {
  try {
    // Its seventh line is "key id" (postmaster.pid of Postgres 9.6 and later).
    const lines = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
    const id = lines[6]?.trim().split(/\s+/)[1];
    if (id !== undefined) execFileSync("ipcrm", ["-m", id], { stdio: "ignore" });
  } catch {
    // No such file: the usual case. No ipcrm: 56 bytes stay until the machine restarts.
  }
}
