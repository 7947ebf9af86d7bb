/** Writes the formats of a finished run into a folder. */
import { appendFile, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunReport } from "./result.ts";
import { type FormatName, formatOf } from "./formats.ts";
import { githubLimit, summaryMarkdown } from "./summary.ts";

interface Destination {
  /** Created if it does not exist. */
  readonly folder: string;
  readonly formats: readonly FormatName[];
  /** The file in GITHUB_STEP_SUMMARY; null or empty: none. */
  readonly stepSummary: string | null;
}

/**
 * Writes each file atomically, and replaces that of an earlier run. Returns the paths. Throws one
 * sentence with a remedy; its cause is the system's error.
 */
export async function writeReports(report: RunReport, to: Destination): Promise<string[]> {
  const files = [...new Set(to.formats)].flatMap((name) =>
    Object.entries(formatOf(name).files?.(report) ?? {}),
  );
  const paths = await writeFiles(to.folder, Object.fromEntries(files));
  await appendSummary(to.stepSummary, (room) => summaryMarkdown(report, room));
  return paths;
}

/** Writes each file atomically. Returns the paths. */
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
 * The steps of a GitHub job share the file: earlier content stays, and counts towards the limit.
 * `textIn` receives the number of remaining bytes.
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
  await attempt(path, append, "set GITHUB_STEP_SUMMARY to another file, or unset it");
}

async function replace(path: string, content: string): Promise<void> {
  // In the same folder, because a rename cannot cross file systems. With the pid, because two runs
  // may write to one folder.
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
  wayOut = "select another folder with --reports",
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
      return `no space left to write ${path}: free some space`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `not allowed to write ${path}: change its permissions`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} cannot be written, because a file is in the place of a folder: remove it`;
    case "EISDIR":
      return `${path} cannot be written, because a folder has that name: remove it`;
    default: {
      const why = cause instanceof Error ? cause.message : String(cause);
      return `cannot write ${path} (${why}): fix this`;
    }
  }
}
