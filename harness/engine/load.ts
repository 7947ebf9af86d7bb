import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { diagnosisKinds } from "../checkers/diagnoses.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import {
  type Configuration,
  parseConfiguration,
  placed,
  withEnvironment,
} from "../config/configuration.ts";
import type { Document } from "../config/document.ts";
import { unknownKinds } from "../config/unknown-kinds.ts";
import { unknownNames } from "../config/unknown-names.ts";
import { isSecret, secretsOf } from "../config/secret-fields.ts";
import { yamlDocument } from "../config/yaml-document.ts";

/** A scenario, and its name, which is that of its file. */
export interface NamedScenario {
  readonly name: string;
  readonly definition: Scenario;
}

/** All scenarios of a folder: adding one means adding a file. */
export async function loadScenarios(folder: string): Promise<NamedScenario[]> {
  const files = readdirSync(folder).filter((it) => /^[\w-]+\.(ts|js|mjs)$/.test(it));
  const scenarios = await Promise.all(
    files.map(async (file) => ({
      name: basename(file, extname(file)),
      definition: scenarioOf(await load(join(folder, file)), file),
    })),
  );
  return ranked(scenarios);
}

/**
 * The built-in scenarios and those of the configuration's folders. Throws if two of them have one
 * name, or if a target names an unknown one.
 */
export async function allScenarios(
  ours: string,
  loaded: LoadedConfiguration,
): Promise<NamedScenario[]> {
  const { configuration, folder, file } = loaded;
  const scenarios = await loadScenarios(ours);
  for (const [index, name] of configuration.scenarios.entries()) {
    const own = join(folder, name);
    const fail = (says: string): never => {
      const mistake = { path: ["scenarios", index], says };
      throw new Error(placed(mistake, basename(file), loaded.lineOf));
    };
    if (!existsSync(own)) fail(`there is no folder ${name} in ${folder}`);
    const found = await loadScenarios(own);
    if (found.length === 0)
      fail(`${name} has no scenario: no file that ends with .ts, .js or .mjs`);
    const taken = found.find((it) => scenarios.some((other) => other.name === it.name));
    if (taken !== undefined) {
      fail(`${name} has a second scenario "${taken.name}": rename its file`);
    }
    scenarios.push(...found);
  }
  const names = scenarios.map((it) => it.name);
  const mistakes = [
    ...unknownNames(configuration, names),
    ...unknownKinds(configuration, kindsOf(scenarios)),
  ];
  if (mistakes.length === 0) return ranked(scenarios);
  throw new Error(mistakes.map((it) => placed(it, basename(file), loaded.lineOf)).join("\n"));
}

/** The possible diagnoses of scenarios: those of the table and of their checkers. */
export function kindsOf(scenarios: readonly NamedScenario[]): string[] {
  const own = scenarios.flatMap(({ definition }) =>
    definition.checks.flatMap(({ finds = [] }) => finds),
  );
  return [...diagnosisKinds, ...own];
}

function ranked(scenarios: readonly NamedScenario[]): NamedScenario[] {
  const rankOf = ({ definition }: NamedScenario): number => definition.rank ?? Infinity;
  return scenarios.toSorted((a, b) =>
    rankOf(a) === rankOf(b) ? (a.name < b.name ? -1 : 1) : rankOf(a) - rankOf(b),
  );
}

export interface LoadedConfiguration {
  readonly file: string;
  readonly folder: string;
  readonly configuration: Configuration;
  /** Values that no report may show: they are from the environment, or named as a secret. */
  readonly secrets: readonly string[];
  /** The line of the value at a path; null: unknown. */
  readonly lineOf: Document["lineOf"];
}

const scripts = [".ts", ".js", ".mjs"];
const texts = [".yaml", ".yml", ".json"];

/** The extensions of configuration files: ".ts", ".yaml" … */
export const configurationExtensions: readonly string[] = [...scripts, ...texts];

const names = configurationExtensions.map((ending) => `threadproof.config${ending}`);

/** Loads the given file, or the configuration of `folder`, or else that of `otherwise`. */
export async function loadConfiguration(
  folder: string,
  given: string | null,
  otherwise: string,
): Promise<LoadedConfiguration> {
  const file = given === null ? (foundIn(folder) ?? foundIn(otherwise)) : resolve(folder, given);
  if (file === null || !existsSync(file)) {
    throw new Error(`there is no ${given ?? names[0]} in ${folder}`);
  }
  const { value, lineOf } = await documentOf(file);
  const { env: environment } = process;
  const configuration = parseConfiguration(value, basename(file), { lineOf, environment });
  const fromEnvironment = withEnvironment(value, environment).secrets.filter(isSecret);
  const secrets = [...new Set([...fromEnvironment, ...secretsOf(configuration)])];
  return { file, folder: dirname(file), configuration, secrets, lineOf };
}

/** The one configuration of a folder; null: it has none. */
function foundIn(folder: string): string | null {
  const found = names.filter((name) => existsSync(join(folder, name)));
  const [name] = found;
  if (found.length > 1) {
    throw new Error(
      `${folder} has ${found.join(" and ")}: keep one, or select one with --config FILE`,
    );
  }
  return name === undefined ? null : join(folder, name);
}

/** Runs a script, or parses YAML or JSON. */
async function documentOf(file: string): Promise<Document> {
  const name = basename(file);
  const ending = extname(file);
  if (![...scripts, ...texts].includes(ending)) {
    const allowed = [...scripts, ...texts].join(", ");
    throw new Error(`${name} cannot be loaded: a configuration ends with one of ${allowed}`);
  }
  if (texts.includes(ending)) {
    const text = readFileSync(file, "utf8");
    if (ending === ".json") demandJson(text, name);
    return yamlDocument(text, name);
  }
  const value = await load(file);
  // The compiler already checks a script; a path is enough to find what it missed.
  if (value !== undefined) return { value, lineOf: () => null };
  throw new Error(`${name} has no default export: export default defineConfig({ targets: … })`);
}

/** Rejects comments in JSON: the YAML parser would read them as the name of a field. */
function demandJson(text: string, name: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name} is not JSON: ${why}; for comments use YAML: rename it to .yaml`, {
      cause,
    });
  }
}

async function load(file: string): Promise<unknown> {
  try {
    const { default: value } = (await import(pathToFileURL(file).href)) as { default: unknown };
    return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${basename(file)} cannot be loaded: ${why}`, { cause });
  }
}
