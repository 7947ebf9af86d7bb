/** The end of a run in a terminal, as a pure function of the report and the view. */
import { formatService } from "../history/case-name.ts";
import { causeKey, causeLines } from "./diagnosis-text.ts";
import { type GroupedCause, groupedCauses, surprisingCauses } from "./grouped-causes.ts";
import { legend, matrixLines } from "./matrix.ts";
import {
  allCases,
  expectedPhrase,
  markOf,
  notRunByTarget,
  reproduceCommand,
  shortServiceOf,
  stalePhrase,
  totalsLine,
} from "./phrases.ts";
import { exitCode, type RunReport } from "./result.ts";
import { scenarioLines } from "./scenario-list.ts";
import { serviceLines } from "./service-list.ts";
import { cut, type Style, styleFor, wrap } from "./style.ts";
import { fullText, heading, type View } from "./terminal-full.ts";
import { nameTurns, readable } from "./turn-names.ts";

export interface TerminalView extends View {
  /** Prints every cause, figure and reason instead of one screen. */
  readonly verbose?: boolean;
}

/** The end of a run fits on one or two screens; the report has the rest. */
export const linesAtMost = 60;

export function finalText(report: RunReport, view: TerminalView): string {
  if (view.verbose === true) return fullText(report, view);
  const page = { report, style: styleFor(view.color), columns: Math.max(60, view.columns) };
  const closing = closingLines(page, view.folder);
  let lines: string[] = [];
  for (const detail of details) {
    const sections = [
      tableSection(page, detail),
      surpriseSection(page, detail),
      expectedSection(page, detail),
      notRunSection(page),
      closing,
    ];
    lines = sections.filter((it) => it.length > 0).flatMap((it, i) => (i > 0 ? ["", ...it] : it));
    if (lines.length <= linesAtMost) break;
  }
  // If not even the shortest form fits, cut it. The closing lines name the full report.
  const room = linesAtMost - closing.length - 2;
  if (lines.length > linesAtMost) {
    const more = ` … ${lines.length - closing.length - room} more lines in the report`;
    lines = [...lines.slice(0, room), more, "", ...closing];
  }
  return `${lines.join("\n")}\n`;
}

interface Page {
  readonly report: RunReport;
  readonly style: Style;
  readonly columns: number;
}

/** The detail of causes: `story` with lists and remedy, `short` in three lines, `name` in one. */
interface Detail {
  /** `brief`: services and scenarios that met their expectations share lines. */
  readonly rows: "whole" | "cut" | "brief";
  readonly worstSurprise: "story" | "short" | "name";
  /** `each`: the worst cause of each service, `first`: of the first one only. */
  readonly worstOf: "each" | "first";
  /** The number of other surprises shown as `short`; the rest have a line each. */
  readonly shorts: number;
  readonly expected: "story" | "short" | "name";
}

const most: Detail = {
  ...{ rows: "whole", worstSurprise: "story", worstOf: "each", shorts: Infinity },
  expected: "story",
};
const quiet: Detail = { ...most, expected: "name" };
const brief: Detail = { ...quiet, rows: "brief" };

/** From long to short; the output uses the first that fits. */
const details: readonly Detail[] = [
  most,
  { ...most, expected: "short" },
  quiet,
  { ...quiet, worstOf: "first" },
  { ...quiet, rows: "cut" },
  brief,
  { ...brief, worstOf: "first" },
  { ...brief, worstOf: "first", shorts: 6 },
  { ...brief, worstOf: "first", shorts: 3 },
  { ...brief, worstOf: "first", shorts: 0 },
  { ...brief, worstSurprise: "name", shorts: 0 },
];

/** Few services: a line per scenario. Few scenarios: the matrix. Otherwise: a line per service. */
function tableSection({ report, columns, style }: Page, { rows }: Detail): string[] {
  if (report.results.length === 0) return [];
  const title = heading("What each service keeps and breaks", columns, style);
  const marks = ["", ...legend(report, columns, style)];
  switch (tableOf(report)) {
    case "scenarios":
      return [
        title,
        "",
        ...scenarioLines(report, { columns, style, brief: rows === "brief" }),
        ...marks,
      ];
    case "matrix":
      return [title, "", ...matrixLines(report, columns, style), ...marks];
    case "services":
      return [title, "", ...serviceLines(report, { columns, style, rows })];
  }
}

function tableOf({ results }: RunReport): "scenarios" | "matrix" | "services" {
  const services = new Set(results.map(formatService)).size;
  const scenarios = new Set(results.map((it) => it.scenario)).size;
  if (services <= 4) return "scenarios";
  return services <= 12 && scenarios <= 12 ? "matrix" : "services";
}

function surpriseSection(page: Page, detail: Detail): string[] {
  const { report, columns, style } = page;
  const causes = surprisingCauses(report);
  const stale = report.stale.map(
    (entry) => ` ${style("red", cut(stalePhrase(entry), columns - 2))}`,
  );
  if (causes.length === 0 && stale.length === 0) return [];
  const blocks = causes.map((cause, i) => {
    const isFirst = i === 0 || formatService(cause) !== formatService(causes[i - 1] ?? cause);
    const isWorst = isFirst && (i === 0 || detail.worstOf === "each");
    const other = i <= detail.shorts ? "short" : "name";
    const how = isWorst ? detail.worstSurprise : other;
    // The list of services already names every cause.
    const isListed = how === "name" && tableOf(report) === "services";
    return isListed ? [] : causeBlock(page, cause, how);
  });
  if (blocks.flat().length + stale.length === 0) return [];
  const title = style("red", heading("Not as expected", columns, style));
  const key = keyFor(page, causes, detail.worstSurprise);
  return [title, ...key, ...spaced(blocks.filter((it) => it.length > 0)), ...stale];
}

/** Empty if the table already names the causes. */
function expectedSection(page: Page, { expected }: Detail): string[] {
  const causes = groupedCauses(page.report);
  const isListed = tableOf(page.report) !== "scenarios";
  if (causes.length === 0 || (expected === "name" && isListed)) return [];
  const services = [...Map.groupBy(causes, formatService).values()];
  const blocks = services.flatMap((own) =>
    own.map((cause, i) => causeBlock(page, cause, i === 0 ? expected : shorter[expected])),
  );
  const title = heading("What broke as expected", page.columns, page.style);
  return [title, ...keyFor(page, causes, expected), ...spaced(blocks)];
}

const shorter = { story: "short", short: "short", name: "name" } as const;

function keyFor(page: Page, causes: readonly GroupedCause[], how: Detail["expected"]): string[] {
  const hasLists = causes.some(({ diagnosis }) => diagnosis?.lists !== undefined);
  return how === "story" && hasLists ? causeKey(page.columns, page.style) : [];
}

/** Separates blocks of several lines with blank lines. */
function spaced(blocks: readonly (readonly string[])[]): string[] {
  return blocks.flatMap((block, i) => {
    const isApart = block.length > 3 || (blocks[i - 1]?.length ?? 4) > 3;
    return isApart ? ["", ...block] : block;
  });
}

function causeBlock(page: Page, cause: GroupedCause, how: "story" | "short" | "name"): string[] {
  const { columns, style } = page;
  const { result, diagnosis, leading } = cause;
  const lines = [titleOf(page, cause)];
  if (how === "name") return lines;
  if (!result.asExpected && result.expected.kind !== "holds") {
    lines.push(cut(`   expected ${expectedPhrase(result.expected)}`, columns - 1));
  }
  if (how === "story" && diagnosis === null) {
    const because = readable(result.verdict.because);
    lines.push(...wrap(because, columns - 4).map((line) => `   ${line}`));
  } else if (how === "story" && diagnosis !== null) {
    lines.push(...causeLines(result, diagnosis, leading, columns, style));
  } else {
    const names = diagnosis === null ? undefined : nameTurns(diagnosis);
    const because = readable(diagnosis?.because ?? result.verdict.because, names);
    lines.push(`   ${cut(because, columns - 4)}`);
    const remedy = diagnosis === null ? null : cut(readable(diagnosis.remedy, names), columns - 6);
    if (remedy !== null) lines.push(`   ${style("green", "→")} ${remedy}`);
  }
  if (how === "story" && !result.asExpected) lines.push(`   reproduce  ${result.reproduce}`);
  return lines;
}

function titleOf({ report, columns, style }: Page, cause: GroupedCause): string {
  const { result, kind, scenarios } = cause;
  const all = allCases(report);
  const several = new Set(all.map(formatService)).size > 1;
  const service = several ? `${shortServiceOf(all)(cause)}: ` : "";
  const title = `${result.asExpected ? "" : `${markOf[result.verdict.kind]} `}${service}${kind}`;
  const where = cut(`in ${scenarios.join(", ")}`, Math.max(12, columns - title.length - 4));
  const shade = result.asExpected ? "yellow" : "red";
  return ` ${style(["bold", shade], title)}  ${style("dim", where)}`;
}

const reasonsShown = 3;

function notRunSection({ report, columns, style }: Page): string[] {
  const reasons = notRunByTarget(report).flatMap(([, all]) => all);
  if (reasons.length === 0) return [];
  const lines = reasons.slice(0, reasonsShown).flatMap(({ reason, what }) => {
    const count = what.length === 1 ? what[0] : `${what.length} cases`;
    return wrap(`– ${count} not run: ${reason}`, columns - 4).slice(0, 2);
  });
  const rest = reasons.length - reasonsShown;
  if (rest > 0) lines.push(`  … and for ${rest} more reasons`);
  return lines.map(
    (line, i) => ` ${i > 0 && !line.startsWith("–") ? "  " : ""}${style("dim", line)}`,
  );
}

/** The path of the report comes last, next to the prompt. */
function closingLines({ report, style, columns }: Page, folder: string | null): string[] {
  const code = exitCode(report);
  const shade = code === 0 ? "green" : code === 2 ? "yellow" : "red";
  return [
    ...wrap(totalsLine(report), columns - 2).map((it) => ` ${style(["bold", shade], it)}`),
    ` again   ${reproduceCommand(report)}`,
    ...(folder === null
      ? []
      : [` more    npx threadproof report ${folder} --verbose`, ` report  ${folder}`]),
  ];
}
