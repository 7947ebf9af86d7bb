import { relative, sep } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { failureAnnotation, githubAnnotations, type Place } from "../report/github.ts";
import type { RunReport } from "../report/result.ts";
import { defaultReporters, type Reporter, reporters, reportersOf } from "../report/formats.ts";
import { finalText } from "../report/terminal.ts";

/** The same option for every command that tells of a run. */
export function reporterOption(): Option {
  const says = `whom to tell, a comma list; may be repeated (default: ${defaultReporters.join(",")})`;
  return new Option("--reporter <names>", says).argParser(
    (list: string, before: readonly Reporter[] | undefined) => {
      try {
        return [...(before ?? []), ...reportersOf(list)];
      } catch (cause) {
        throw new InvalidArgumentError(cause instanceof Error ? cause.message : String(cause));
      }
    },
  );
}

/** For the help of such a command. */
export function reportersHelp(): string {
  const lines = Object.entries(reporters).map(([name, says]) => `  ${name.padEnd(9)} ${says}`);
  return ["Reporters:", ...lines].join("\n");
}

interface Told {
  readonly reporters: readonly Reporter[];
  /** Standard output, unless that is for the report as JSON alone. */
  readonly stream: NodeJS.WriteStream;
  readonly color: boolean;
  /** The folder that reports were written to. */
  readonly folder: string;
  readonly placeOf?: (target: string) => Place | null;
}

/** What is not a file. The annotations come last: GitHub shows them apart from the log. */
export function printReport(report: RunReport, { reporters: chosen, stream, ...told }: Told): void {
  if (chosen.includes("terminal")) {
    const columns = stream.columns ?? 100;
    stream.write(finalText(report, { columns, color: told.color, folder: told.folder }));
  }
  if (chosen.includes("github")) stream.write(githubAnnotations(report, told.placeOf));
}

/** What went wrong before there was a report, to whom it would have been told; thrown again. */
export async function printFailure(
  chosen: readonly Reporter[],
  stream: NodeJS.WriteStream,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (chosen.includes("github")) stream.write(failureAnnotation(message));
    throw error;
  }
}

/** The file of the job's summary, where one of the reporters writes it; null: none. */
export function stepSummaryOf(chosen: readonly Reporter[]): string | null {
  const writes = chosen.includes("summary") || chosen.includes("github");
  return writes ? (process.env.GITHUB_STEP_SUMMARY ?? null) : null;
}

/** Where GitHub finds a line of a file; null: outside of the checkout. */
export function placeIn(file: string, line: number | null): Place | null {
  const path = relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), file);
  return path.startsWith("..") ? null : { file: path.replaceAll(sep, "/"), line };
}
