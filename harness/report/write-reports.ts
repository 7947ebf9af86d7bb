/** Writes the formats of a finished run into a folder. */
import { appendFile, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunReport } from "./result.ts";
import { type FormatName, formatOf } from "./formats.ts";
import { githubLimit, summaryMarkdown } from "./summary.ts";

interface Destination {
  /** Made where it does not exist. */
  readonly folder: string;
  readonly formats: readonly FormatName[];
  /** The file that GITHUB_STEP_SUMMARY names; null, or empty as an unset variable may be: none. */
  readonly stepSummary: string | null;
}

/**
 * Each file appears whole or not at all, and replaces the one of the run before. Returns the paths.
 * Fails with one sentence that says what to do, and the system's error as its cause.
 */
export async function writeReports(report: RunReport, to: Destination): Promise<string[]> {
  const files = [...new Set(to.formats)].flatMap((name) =>
    Object.entries(formatOf(name).files?.(report) ?? {}),
  );
  const paths = await writeFiles(to.folder, Object.fromEntries(files));
  await appendSummary(to.stepSummary, (room) => summaryMarkdown(report, room));
  return paths;
}

/** Each appears whole or not at all. Returns the paths. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  await attempt(folder, () => mkdir(folder, { recursive: true }));
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await attempt(path, () => replace(path, content));
    paths.push(path);
  }
  return paths;
}

/**
 * Steps of a GitHub job share the file: what others wrote stays, and counts against the limit.
 * `textIn` is given the bytes that are left.
 */
export async function appendSummary(
  path: string | null,
  textIn: (room: number) => string,
): Promise<void> {
  if (path === null || path === "") return;
  const append = async (): Promise<void> => {
    const used = (await stat(path).catch(() => null))?.size ?? 0;
    const room = githubLimit - used;
    if (room < 4_096) return;
    await appendFile(path, `${used > 0 ? "\n" : ""}${textIn(room)}`);
  };
  await attempt(path, append, "let GITHUB_STEP_SUMMARY name another file, or unset it");
}

async function replace(path: string, content: string): Promise<void> {
  // In the same folder, or the rename would cross file systems; with the pid, because two runs may
  // write to one folder.
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function attempt<T>(
  path: string,
  action: () => Promise<T>,
  wayOut = "name another folder with --reports",
): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new Error(`${whatIsWrong(path, cause)}, or ${wayOut}`, { cause });
  }
}

function whatIsWrong(path: string, cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `no space left to write ${path}: free some`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `not allowed to write ${path}: change its permissions`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} cannot be written, because a file stands where a folder must be: remove it`;
    case "EISDIR":
      return `${path} cannot be written, because a folder of that name is in the way: remove it`;
    default: {
      const why = cause instanceof Error ? cause.message : String(cause);
      return `cannot write ${path} (${why}): repair that`;
    }
  }
}
