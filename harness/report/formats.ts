/** To whom a run can be told: the names that --reporter takes, and what each of them writes. */
export const reporters = {
  terminal: "causes, surprises and the picture of the run, on standard output",
  json: "result.json, and its schema in result.schema.json",
  junit: "junit.xml",
  ctrf: "ctrf.json, the Common Test Report Format (https://ctrf.io)",
  summary: "summary.md, which in a GitHub job is also appended to $GITHUB_STEP_SUMMARY",
  github: "annotations on standard output, and the job's summary as above",
} as const;

export type Reporter = keyof typeof reporters;

export const defaultReporters: readonly Reporter[] = ["terminal", "json", "junit", "summary"];

/** Of a comma list. Throws with the names that there are. */
export function reportersOf(list: string): Reporter[] {
  const names = list.split(",").map((name) => name.trim());
  return names.map((name) => {
    if (isReporter(name)) return name;
    throw new Error(`no reporter "${name}"; there are ${Object.keys(reporters).join(", ")}`);
  });
}

function isReporter(name: string): name is Reporter {
  return Object.hasOwn(reporters, name);
}
