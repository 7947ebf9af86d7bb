import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { exitCode, type RunReport } from "../report/result.ts";
import { defaultFormats, type FormatName } from "../report/formats.ts";
import { parseResult } from "../report/result-json.ts";
import { writeReports } from "../report/write-reports.ts";
import { verboseOption } from "./options.ts";
import { colorOn } from "./command-session.ts";
import { asUserError, UserError } from "./user-error.ts";
import { reporterOption, reportersHelp, stepSummaryOf, printReport } from "./reporters.ts";

export function reportCommand(): Command {
  return new Command("report")
    .description("Print a report and write its files again, from result.json.")
    .argument("[folder]", "a folder with a result.json", "reports/latest")
    .addOption(reporterOption())
    .addOption(verboseOption())
    .addHelpText(
      "after",
      `
The exit code is that of the run.

${reportersHelp()}
Files are written next to result.json. The summary of a GitHub job is appended only with --reporter.

Examples:
  threadproof report
  threadproof report reports/latest --verbose
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
  // The run has already appended to the summary of the job.
  const stepSummary = stepSummaryOf(flags.reporter ?? []);
  await writeReports(report, { folder, formats, stepSummary });
  const stream = process.stdout;
  const { verbose = false } = flags;
  const color = colorOn(stream);
  printReport(report, { formats, stream, color, folder, verbose });
  process.exitCode = exitCode(report);
}

function read(folder: string): RunReport {
  const file = join(folder, "result.json");
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError("usage", `no folder ${folder}; a run writes reports/latest`);
  }
  if (!existsSync(file))
    throw new UserError("usage", `no result.json in ${folder}; the reporter json writes it`);
  return asUserError(() => parseResult(readFileSync(file, "utf8"), file));
}
