import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { exitCode, type RunReport } from "../report/report.ts";
import { parseResult } from "../report/result-json.ts";
import { finalText } from "../report/terminal.ts";
import { writeReports } from "../report/write.ts";
import { Complaint } from "./complaint.ts";

export function reportCommand(): Command {
  return new Command("report")
    .description("Shows a report again, and renders its files again, from result.json.")
    .argument("[folder]", "a folder with a result.json", "reports/latest")
    .addHelpText(
      "after",
      `
The exit code is that of the run.

Examples:
  threadproof report
  threadproof report reports/latest`,
    )
    .action(show);
}

async function show(folder: string): Promise<void> {
  const report = read(folder);
  await writeReports(report, { folder, stepSummary: null });
  const color = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(
    finalText(report, { columns: process.stdout.columns ?? 100, color, folder }),
  );
  process.exitCode = exitCode(report);
}

function read(folder: string): RunReport {
  const file = join(folder, "result.json");
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new Complaint("usage", `there is no folder ${folder}; a run writes reports/latest`);
  }
  if (!existsSync(file)) throw new Complaint("usage", `there is no result.json in ${folder}`);
  try {
    return parseResult(readFileSync(file, "utf8"), file);
  } catch (cause) {
    throw new Complaint("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
