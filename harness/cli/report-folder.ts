import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HistoryFile } from "../history/recording.ts";
import type { RunReport } from "../report/result.ts";
import type { FormatName } from "../report/formats.ts";
import { writeReports } from "../report/write-reports.ts";
import { UserError } from "./user-error.ts";
import { stepSummaryOf } from "./reporters.ts";

/** Creates a reports folder and its history file. */
export function openHistory(folder: string): HistoryFile {
  try {
    mkdirSync(folder, { recursive: true });
    return new HistoryFile(join(folder, "history.jsonl"));
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

function cannotWrite(folder: string, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const says = `cannot write to ${folder}: ${why}; choose another folder with --reports`;
  return new UserError("failure", says, { cause });
}

/** Opens a new folder in `root`. `publish` writes the reports to it and copies it to latest/. */
export function openReports(
  root: string,
  runId: string,
  formats: readonly FormatName[],
  { isCopied = true } = {},
) {
  const folder = join(root, runId);
  const latest = join(root, "latest");
  const history = openHistory(folder);
  return {
    folder,
    latest,
    history,
    async publish(report: RunReport): Promise<void> {
      await writeReports(report, { folder, formats, stepSummary: stepSummaryOf(formats) });
      if (!isCopied) return;
      try {
        rmSync(latest, { recursive: true, force: true });
        cpSync(folder, latest, { recursive: true });
      } catch (cause) {
        throw cannotWrite(folder, cause);
      }
    },
    [Symbol.dispose]: () => history[Symbol.dispose](),
  };
}
