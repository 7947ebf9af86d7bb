import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Linux has its memory file system. */
export const memoryFolder = "/dev/shm";

/** Below this much free memory in the memory file system everything stays on disk. */
export const memoryRoomBytes = 1024 ** 3;

/**
 * The one folder of a run. Everything that a run writes, apart from its report, is in one of
 * `roots`, so that whoever removes these (dispose, or the watchdog) has removed all of it.
 */
export interface Scratch extends AsyncDisposable, Disposable {
  /** `<tmpdir>/threadproof-<pid>-xxxxxx`. */
  readonly path: string;
  /** `path`, and its twin in memory where there is one. */
  readonly roots: readonly string[];
  /**
   * A sub-folder, made at the first call. "memory" asks for the memory file system: a cloned
   * database costs 13 ms there and 150 ms on a slow disk. Without enough room it is on disk.
   * Throws after dispose, which would have nobody to remove what is made then.
   */
  folder(name: string, where?: "disk" | "memory"): string;
}

/** @throws Error that names the folder when none can be made below the temporary folder. */
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
      if (isGone) throw new Error("the run is over: nothing is written any more");
      const folder = join(where === "memory" && twin !== null ? twin : path, name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    async [Symbol.asyncDispose]() {
      isGone = true;
      // A process that is just ending may still write: rm tries again on ENOTEMPTY.
      for (const root of roots) await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
    [Symbol.dispose]() {
      isGone = true;
      for (const root of roots) {
        try {
          rmSync(root, { recursive: true, force: true });
        } catch {
          // Best effort: this form is for the way out, where the watchdog removes the rest.
        }
      }
    },
  };
}

function makeFolder(below: string, name: string): string {
  try {
    const folder = mkdtempSync(join(below, name));
    // As root, Postgres runs as an ordinary user, who has to pass through here but not to list.
    chmodSync(folder, 0o711);
    return folder;
  } catch (cause) {
    throw new Error(
      `no folder can be made below ${below}: set TMPDIR to a folder that is writable and has room`,
      { cause },
    );
  }
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= memoryRoomBytes;
  } catch {
    return false; // no such folder: macOS has no memory file system by default
  }
}
