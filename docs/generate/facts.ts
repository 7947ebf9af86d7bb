/** Everything that the pages are generated from, loaded once. */
import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { rooms } from "../../import-rules.ts";
import { type Configuration, parseConfiguration } from "../../harness/config/configuration.ts";
import { capabilityTable } from "../../harness/history/capability.ts";
import { configurationJsonSchema } from "../../harness/config/json-schema.ts";
import { alwaysJudged } from "../../harness/checkers/always-judged.ts";
import { loadConfiguration, loadScenarios, type NamedScenario } from "../../harness/engine/load.ts";
import { parseResult } from "../../harness/report/result-json.ts";
import { finalText } from "../../harness/report/terminal.ts";
import { diagnosisIndex, diagnosisSections } from "./diagnosis-parts.ts";
import { type DocumentedFault, documentedFaults, faultSections, usersOf } from "./fault-parts.ts";
import { FieldsOfSchema, fieldsTable } from "./field-parts.ts";
import { code, codes, table } from "./page.ts";
import { scenarioIndex, scenarioSections } from "./scenario-parts.ts";

export interface Facts {
  readonly root: string;
  readonly configuration: Configuration;
  readonly scenarios: readonly NamedScenario[];
  readonly faults: readonly DocumentedFault[];
  readonly fields: FieldsOfSchema;
}

export async function factsOf(root: string): Promise<Facts> {
  return {
    root,
    configuration: (await loadConfiguration(root, null, root)).configuration,
    scenarios: await loadScenarios(`${root}/scenarios`),
    faults: documentedFaults(root),
    fields: new FieldsOfSchema(configurationJsonSchema()),
  };
}

/** The text of a generated part by its name. Throws for a name that means nothing. */
export function partOf(facts: Facts, name: string): string {
  const [kind = "", path = "", ...only] = name.split(" ");
  if (kind === "fields") return fieldsPart(facts, path, only);
  const part = parts[name];
  if (part === undefined) throw new Error(`no generated part is called "${name}"`);
  return part(facts);
}

const parts: Readonly<Record<string, (facts: Facts) => string>> = {
  "checkers of every scenario": () => codes(alwaysJudged.map((it) => it.name)),
  "scenario index": ({ scenarios }) => scenarioIndex(scenarios),
  scenarios: ({ scenarios, configuration, root }) => {
    const users = usersOf(
      root,
      scenarios.map((it) => it.name),
    );
    const faultsOf = (scenario: string): string[] =>
      [...users].filter(([, names]) => names.includes(scenario)).map(([fault]) => fault);
    return scenarioSections(scenarios, { configuration, root, faultsOf });
  },
  faults: ({ faults, root, scenarios }) =>
    faultSections(
      faults,
      usersOf(
        root,
        scenarios.map((it) => it.name),
      ),
    ),
  "diagnosis index": diagnosisIndex,
  diagnoses: ({ configuration }) => diagnosisSections(configuration),
  promises: promisesTable,
  capabilities: () =>
    table(
      ["capability", "meaning", "a target has it with"],
      Object.entries(capabilityTable).map(([name, it]) => [code(name), it.means, it.from]),
    ),
  rooms: () =>
    table(
      ["floor", "room", "what is in it"],
      rooms.map((it) => [String(it.floor), `[${it.name}](../harness/${it.name})`, it.holds]),
    ),
  "lines of configuration": ({ root }) => configurationLines(root),
  story: ({ root }) => storyOf(root),
};

function fieldsPart({ fields }: Facts, path: string, only: readonly string[]): string {
  const all = fields.at(path === "/" ? "" : path);
  const missing = only.filter((name) => !all.some((it) => it.name === name));
  if (missing.length > 0) throw new Error(`${path} has no field ${missing.join(", ")}`);
  return fieldsTable(only.length === 0 ? all : all.filter(({ name }) => only.includes(name)));
}

/** Each promise with its default, nested ones by their path. */
function promisesTable({ fields }: Facts): string {
  const path = "targets.*.promises";
  const rows = fields
    .at(path)
    .flatMap((field) =>
      field.type === "object"
        ? fields
            .at(`${path}.${field.name}`)
            .map((it) => ({ ...it, name: `${field.name}.${it.name}` }))
        : [field],
    );
  const cells = rows.map((it) => [code(it.name), it.default, it.meaning]);
  return table(["promise", "default", "meaning"], cells);
}

/** How much configuration each example needs: to run it, and with everything that is expected. */
function configurationLines(root: string): string {
  const folder = `${root}/examples`;
  const files = globSync("**/threadproof.config.{ts,yaml}", {
    cwd: folder,
    exclude: (name) => name === "node_modules" || name === "bad",
  });
  const rows = files.toSorted().map((file) => {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    const lines = text.split("\n").filter((line) => !/^\s*(#|\/\/|\/?\*|$)/.test(line));
    const judged = lines.findIndex((line) => /^\s+(only|skip|breaks|variants):/.test(line));
    const name = dirname(file);
    return [`[${name}](../examples/${name})`, String(judged), String(lines.length)];
  });
  return table(["example", "lines to run it", "lines in all"], rows);
}

/** The last lines of a run. */
const totals = /\n\n \d+ as expected/;

/** The first violation of the committed sample, as the terminal shows it. */
function storyOf(root: string): string {
  const file = `${root}/docs/sample/result.json`;
  const report = parseResult(readFileSync(file, "utf8"), file);
  const first = report.results.filter((result) => result.verdict.kind === "violated").slice(0, 1);
  const view = { columns: 100, color: false, folder: null };
  const sections = finalText({ ...report, results: first }, view).split(/\n\n(?=── )/);
  const [story] = sections.find((it) => it.startsWith("── What broke"))?.split(totals) ?? [];
  if (story === undefined) throw new Error(`${file} has no violation to show`);
  return `\`\`\`\n${story.trim()}\n\`\`\``;
}

/** A fragment of a target as a whole configuration, parsed. Throws one sentence per mistake. */
export function parseExample(written: Readonly<Record<string, unknown>>, where: string): void {
  const base =
    written["kind"] === "url"
      ? { address: "http://127.0.0.1:8080" }
      : { kind: "command", start: "node server.js", ready: { get: "/up" } };
  const say = { post: "/chat", json: { text: "${message}" }, reply: "$.reply" };
  const whole =
    "targets" in written ? written : { targets: { mine: { ...base, say, ...written } } };
  parseConfiguration(whole, where);
}
