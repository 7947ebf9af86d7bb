import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The memory file system of Linux. */
export const memoryFolder = "/dev/shm";

/** With less free space in the memory file system, everything goes to disk. */
export const memoryRoomBytes = 1024 ** 3;

/**
 * The folder of a run. Everything that a run writes, except its report, is below one of `roots`.
 * So dispose or the watchdog only has to remove these.
 */
export interface Scratch extends AsyncDisposable, Disposable {
  /** `<tmpdir>/threadproof-<pid>-xxxxxx`. */
  readonly path: string;
  /** `path`, and its twin in the memory file system, if that has room. */
  readonly roots: readonly string[];
  /**
   * A sub-folder, created by the first call. "memory" prefers the memory file system: cloning a
   * database takes 13 ms there, and 150 ms on a slow disk. Without enough room it is on disk.
   * @throws Error after dispose, because the folder would remain.
   */
  folder(name: string, where?: "disk" | "memory"): string;
}

/** @throws Error that names the temporary folder if it is not writable. */
export function openScratch(options: { memory?: string | null } = {}): Scratch {
  const { memory = memoryFolder } = options;
  const name = `threadproof-${process.pid}-`;
  const path = makeFolder(tmpdir(), name);
  const twin = memory !== null && hasRoom(memory) ? makeFolder(memory, name) : null;
  const roots = twin === null ? [path] : [path, twin];
  let isGone = false;
  return {
    path,
    roots,
    folder(name, where = "disk") {
      if (isGone) throw new Error("the run is over, so no folder is created");
      const folder = join(where === "memory" && twin !== null ? twin : path, name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    async [Symbol.asyncDispose]() {
      isGone = true;
      // A process that is about to end may still write: rm retries on ENOTEMPTY.
      for (const root of roots) await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
    [Symbol.dispose]() {
      isGone = true;
      for (const root of roots) {
        try {
          rmSync(root, { recursive: true, force: true });
        } catch {
          // Best effort: this process is about to exit, and the watchdog removes the rest.
        }
      }
    },
  };
}

function makeFolder(below: string, name: string): string {
  try {
    const folder = mkdtempSync(join(below, name));
    // If we are root, Postgres runs as an ordinary user, which must be able to enter this folder.
    chmodSync(folder, 0o711);
    return folder;
  } catch (cause) {
    throw new Error(
      `cannot create a folder below ${below}: set TMPDIR to a writable folder with free space`,
      { cause },
    );
  }
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= memoryRoomBytes;
  } catch {
    return false; // macOS has no memory file system by default
  }
}
