import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { exitCode, type RunReport } from "../report/result.ts";
import { defaultFormats, type FormatName } from "../report/formats.ts";
import { parseResult } from "../report/result-json.ts";
import { writeReports } from "../report/write-reports.ts";
import { UserError } from "./user-error.ts";
import { reporterOption, reportersHelp, stepSummaryOf, printReport } from "./reporters.ts";

export function reportCommand(): Command {
  return new Command("report")
    .description("Shows a report again, and renders its files again, from result.json.")
    .argument("[folder]", "a folder with a result.json", "reports/latest")
    .addOption(reporterOption())
    .option("--verbose", "prints every cause, figure and reason, not only one screen")
    .addHelpText(
      "after",
      `
The exit code is that of the run.

${reportersHelp()}
Files go beside result.json. The summary of a job is only appended to where --reporter is given.

Examples:
  threadproof report
  threadproof report reports/latest
  threadproof report reports/latest --reporter github,ctrf`,
    )
    .action(show);
}

interface ReportFlags {
  readonly reporter?: readonly FormatName[];
  readonly verbose?: boolean;
}

async function show(folder: string, flags: ReportFlags): Promise<void> {
  const report = read(folder);
  const formats = flags.reporter ?? defaultFormats;
  // The run has appended to the summary of the job already.
  const stepSummary = stepSummaryOf(flags.reporter ?? []);
  await writeReports(report, { folder, formats, stepSummary });
  const stream = process.stdout;
  const { verbose = false } = flags;
  const color = stream.isTTY && !process.env.NO_COLOR;
  printReport(report, { formats, stream, color, folder, verbose });
  process.exitCode = exitCode(report);
}

function read(folder: string): RunReport {
  const file = join(folder, "result.json");
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError("usage", `there is no folder ${folder}; a run writes reports/latest`);
  }
  if (!existsSync(file))
    throw new UserError(
      "usage",
      `there is no result.json in ${folder}; the reporter json writes it`,
    );
  try {
    return parseResult(readFileSync(file, "utf8"), file);
  } catch (cause) {
    throw new UserError("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
