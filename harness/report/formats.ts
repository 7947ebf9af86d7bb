/** The report formats: their names for --reporter, and the output of each. */
import { ctrfJson } from "./ctrf.ts";
import { failureAnnotation, githubAnnotations, type Place } from "./github.ts";
import { junitXml } from "./junit.ts";
import { resultSchema } from "./result-json.ts";
import type { RunReport } from "./result.ts";
import { summaryMarkdown } from "./summary.ts";
import { finalText, type TerminalView } from "./terminal.ts";

export interface PrintView extends TerminalView {
  /** The place of a target in the configuration. */
  readonly placeOf?: (target: string) => Place | null;
}

interface Format {
  /** The description in the help of a command. */
  readonly says: string;
  /** Whether a run without --reporter uses it. */
  readonly isDefault?: true;
  /** The files that it writes, content by name. */
  readonly files?: (report: RunReport) => Record<string, string>;
  /** The text that it prints at the end of a run. */
  readonly print?: (report: RunReport, view: PrintView) => string;
  /** The text that it prints if the run fails before the report exists. */
  readonly printFailure?: (message: string) => string;
  /** Whether it appends the summary of a GitHub job. */
  readonly appendsSummary?: true;
}

/** In the order of printing. GitHub shows annotations apart from the log, so they come last. */
export const formats = {
  terminal: {
    says: "the end of a run in a terminal, on standard output",
    isDefault: true,
    print: finalText,
  },
  json: {
    says: "result.json, and its schema in result.schema.json",
    isDefault: true,
    files: (report) => ({
      "result.json": `${JSON.stringify(report, null, 2)}\n`,
      "result.schema.json": `${JSON.stringify(resultSchema(), null, 2)}\n`,
    }),
  },
  junit: {
    says: "junit.xml",
    isDefault: true,
    files: (report) => ({ "junit.xml": junitXml(report) }),
  },
  ctrf: {
    says: "ctrf.json, the Common Test Report Format (https://ctrf.io)",
    files: (report) => ({ "ctrf.json": ctrfJson(report) }),
  },
  summary: {
    says: "summary.md; in a GitHub job it is also appended to $GITHUB_STEP_SUMMARY",
    isDefault: true,
    files: (report) => ({ "summary.md": summaryMarkdown(report) }),
    appendsSummary: true,
  },
  github: {
    says: "annotations on standard output, and the summary of the job as above",
    print: (report, { placeOf }) => githubAnnotations(report, placeOf),
    printFailure: failureAnnotation,
    appendsSummary: true,
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** A format by name, with the optional fields that its own type omits. */
export const formatOf = (name: FormatName): Format => formats[name];

export const formatNames = Object.keys(formats) as FormatName[];

export const defaultFormats = formatNames.filter((name) => formatOf(name).isDefault === true);

/** Parses a comma-separated list. @throws Error with the known names if a name is unknown. */
export function parseFormats(list: string): FormatName[] {
  return list.split(",").map((part) => {
    const name = part.trim();
    const found = formatNames.find((known) => known === name);
    if (found !== undefined) return found;
    throw new Error(`no reporter "${name}"; reporters: ${formatNames.join(", ")}`);
  });
}
