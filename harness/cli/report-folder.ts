import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HistoryFile } from "../history/recording.ts";
import type { RunReport } from "../report/result.ts";
import type { FormatName } from "../report/formats.ts";
import { writeReports } from "../report/write-reports.ts";
import { UserError } from "./user-error.ts";
import { stepSummaryOf } from "./reporters.ts";

/** Where the reports of a run go: a folder of its own below `root`, and a copy of it to latest/. */
export function openReports(
  root: string,
  runId: string,
  formats: readonly FormatName[],
  { isCopied = true } = {},
) {
  const folder = join(root, runId);
  const latest = join(root, "latest");
  const cannot = (cause: unknown): never => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      "failure",
      `cannot write to ${folder}: ${why}; name another with --reports`,
      {
        cause,
      },
    );
  };
  let history: HistoryFile;
  try {
    mkdirSync(folder, { recursive: true });
    history = new HistoryFile(join(folder, "history.jsonl"));
  } catch (cause) {
    return cannot(cause);
  }
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
        cannot(cause);
      }
    },
    [Symbol.dispose]: () => history[Symbol.dispose](),
  };
}
