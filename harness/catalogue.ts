import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Scenario } from "./scenario.ts";
import { parseConfiguration, type Configuration } from "./target/configuration.ts";
import type { Document } from "./target/document.ts";
import { interpolate } from "./target/environment.ts";
import { scriptDocument } from "./target/script-document.ts";
import { isSecret, secretsOf } from "./target/secrets.ts";
import { yamlDocument } from "./target/yaml-document.ts";

/** A scenario and its name: that of its file. */
export interface NamedScenario {
  readonly name: string;
  readonly definition: Scenario;
}

/** All scenarios of a folder: adding one means adding a file. */
export async function loadScenarios(folder: string): Promise<NamedScenario[]> {
  const files = readdirSync(folder).filter((it) => /^[\w-]+\.(ts|js)$/.test(it));
  const scenarios = await Promise.all(
    files.map(async (file) => ({
      name: basename(file, extname(file)),
      definition: scenarioOf(await load(join(folder, file)), file),
    })),
  );
  return scenarios.toSorted(
    (a, b) => a.definition.rank - b.definition.rank || (a.name < b.name ? -1 : 1),
  );
}

function scenarioOf(value: unknown, file: string): Scenario {
  if (typeof value === "object" && value !== null && "claim" in value && "run" in value) {
    return value as Scenario;
  }
  throw new Error(`${file} does not export a scenario: export default scenario({ claim, … })`);
}

export interface LoadedConfiguration {
  readonly file: string;
  readonly folder: string;
  readonly configuration: Configuration;
  /** What must not be told to anybody: it came from the environment, or its name says so. */
  readonly secrets: readonly string[];
  /** The line of what stands at a path; null: it cannot be told. */
  readonly lineOf: Document["lineOf"];
}

const scripts = [".ts", ".js", ".mjs"];
const texts = [".yaml", ".yml", ".json"];
const names = [...scripts, ...texts].map((ending) => `threadproof.config${ending}`);

/** The configuration of a folder, or the given file; `otherwise` where the folder has none. */
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
  const fromEnvironment = interpolate(value, environment).secrets.filter(isSecret);
  const secrets = [...new Set([...fromEnvironment, ...secretsOf(configuration)])];
  return { file, folder: dirname(file), configuration, secrets, lineOf };
}

/** The one configuration of a folder; null: it has none. */
function foundIn(folder: string): string | null {
  const found = names.filter((name) => existsSync(join(folder, name)));
  const [name] = found;
  if (found.length > 1) {
    throw new Error(
      `${folder} has ${found.join(" and ")}: which one? Keep one, or say --config FILE`,
    );
  }
  return name === undefined ? null : join(folder, name);
}

/** A module is run, a text is read. */
async function documentOf(file: string): Promise<Document> {
  const name = basename(file);
  const ending = extname(file);
  if (![...scripts, ...texts].includes(ending)) {
    const allowed = [...scripts, ...texts].join(", ");
    throw new Error(`${name} cannot be loaded: a configuration ends with one of ${allowed}`);
  }
  const text = readFileSync(file, "utf8");
  return texts.includes(ending) ? yamlDocument(text, name) : scriptDocument(text, await load(file));
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
