import type { RunReport } from "./result.ts";
import { summaryTable } from "./summary.ts";
import { fullText } from "./terminal-full.ts";

/** The README with its table and its story taken from a report. */
export function readmeWith(report: RunReport, readme: string): string {
  return between(between(readme, "table", summaryTable(report)), "story", storyOf(report));
}

/** The first violation of the report, as the terminal tells it. */
function storyOf(report: RunReport): string {
  const first = report.results.filter((result) => result.verdict.kind === "violated").slice(0, 1);
  const view = { columns: 100, color: false, folder: null };
  const [story = ""] = fullText({ ...report, results: first }, view).split(/\n\n── /);
  return `\`\`\`\n${story}\n\`\`\``;
}

/** Throws where the README has lost a marker: then nothing would be checked any more. */
function between(text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name}[^>]*-->\\n)[^]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`README.md has no place for its ${name}`);
  return text.replace(
    pattern,
    (_, open: string, close: string) => `${open}${content.trim()}\n${close}`,
  );
}
