import { relative, sep } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { Place } from "../report/github.ts";
import type { RunReport } from "../report/result.ts";
import {
  defaultFormats,
  type FormatName,
  formatNames,
  formatOf,
  parseFormats,
  type PrintView,
} from "../report/formats.ts";

/** The option --reporter of every command that reports a run. */
export function reporterOption(): Option {
  const says = `report formats, separated by commas (default: ${defaultFormats.join(",")})`;
  return new Option("--reporter <names>", says).argParser(
    (list: string, before: readonly FormatName[] | undefined) => {
      try {
        return [...(before ?? []), ...parseFormats(list)];
      } catch (cause) {
        throw new InvalidArgumentError(cause instanceof Error ? cause.message : String(cause));
      }
    },
  );
}

/** The list of reporters for the help texts of these commands. */
export function reportersHelp(): string {
  const lines = formatNames.map((name) => `  ${name.padEnd(9)} ${formatOf(name).says}`);
  return ["Reporters:", ...lines].join("\n");
}

interface Printed extends Omit<PrintView, "columns"> {
  readonly formats: readonly FormatName[];
  /** Standard output, or standard error if standard output is JSON only. */
  readonly stream: NodeJS.WriteStream;
}

/** Prints the formats that are not files, in the registry's order. */
export function printReport(report: RunReport, { formats, stream, ...view }: Printed): void {
  const columns = stream.columns ?? 100;
  for (const name of formatNames.filter((it) => formats.includes(it))) {
    stream.write(formatOf(name).print?.(report, { ...view, columns }) ?? "");
  }
}

/** If `work` fails, prints the error in the chosen formats and throws it again. */
export async function printFailure(
  formats: readonly FormatName[],
  stream: NodeJS.WriteStream,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    for (const name of formats) stream.write(formatOf(name).printFailure?.(message) ?? "");
    throw error;
  }
}

/** The summary file of the GitHub job. Null if no chosen format appends to it. */
export function stepSummaryOf(formats: readonly FormatName[]): string | null {
  const appends = formats.some((name) => formatOf(name).appendsSummary === true);
  return appends ? (process.env.GITHUB_STEP_SUMMARY ?? null) : null;
}

/** The place of a line for GitHub's annotations. Null if the file is outside the checkout. */
export function placeIn(file: string, line: number | null): Place | null {
  const path = relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), file);
  return path.startsWith("..") ? null : { file: path.replaceAll(sep, "/"), line };
}
