import { themes } from "../../harness/checkers/diagnoses.ts";
import type { DiagnosisRow } from "../../harness/checkers/diagnoses/row.ts";
import type { Configuration } from "../../harness/config/configuration.ts";
import { code, table } from "./page.ts";

/** The first table of the page: every diagnosis by its theme, worst first. */
export function diagnosisIndex(): string {
  const rows = Object.entries(themes).map(([theme, rowsOf]) => [
    `[${theme}](#${theme.toLowerCase().replaceAll(",", "").replaceAll(" ", "-")})`,
    Object.keys(rowsOf)
      .map((kind) => `[${kind}](#${kind})`)
      .join(", "),
  ]);
  return table(["what goes wrong", "diagnoses"], rows);
}

/** One section per diagnosis, below its theme. */
export function diagnosisSections(configuration: Configuration): string {
  return Object.entries(themes)
    .flatMap(([theme, rows]) => [
      `## ${theme}`,
      ...Object.entries<DiagnosisRow>(rows).map(([kind, row]) => section(kind, row, configuration)),
    ])
    .join("\n\n");
}

function section(kind: string, row: DiagnosisRow, configuration: Configuration): string {
  const { title, meaning, evidence, remedy, levels, explainedBy = [] } = row;
  const remedies = typeof remedy === "string" ? [["remedy", remedy]] : Object.entries(remedy);
  const seenIn = scenariosWith(kind, configuration).map((it) => `[${it}](scenarios.md#${it})`);
  const facts = [
    ["what proves it", evidence],
    ...remedies.map(([name = "", text = ""]) => [
      typeof remedy === "string" ? name : `remedy (${name})`,
      text,
    ]),
    ...(levels.length > 0 ? [["breaks", levels.map(code).join(", ")]] : []),
    ...(explainedBy.length > 0
      ? [["not reported with", explainedBy.map((it) => `[${it}](#${it})`).join(", ")]]
      : []),
    ...(seenIn.length > 0 ? [["seen in", seenIn.join(", ")]] : []),
  ];
  const [head = [], ...others] = facts;
  return `### ${kind}\n\n**${title}.** ${meaning}\n\n${table(head, others)}`;
}

/** The scenarios in which a variant of the reference app is expected to show it. */
function scenariosWith(kind: string, { targets }: Configuration): string[] {
  const expected = Object.values(targets).flatMap(({ variants }) =>
    Object.values(variants).flatMap(({ breaks }) => Object.entries(breaks)),
  );
  const names = expected.flatMap(([scenario, it]) =>
    it.kind !== "holds" && it.diagnoses.includes(kind) ? [scenario] : [],
  );
  return [...new Set(names)];
}
