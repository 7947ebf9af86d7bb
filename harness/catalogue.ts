import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Scenario } from "./scenario.ts";
import { parseConfiguration, type Configuration } from "./target/configuration.ts";

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
}

const names = ["threadproof.config.ts", "threadproof.config.js", "threadproof.config.mjs"];

/** The configuration of a folder, or the given file; `otherwise` where the folder has none. */
export async function loadConfiguration(
  folder: string,
  given: string | null,
  otherwise: string,
): Promise<LoadedConfiguration> {
  const wanted =
    given === null ? names.map((name) => join(folder, name)) : [resolve(folder, given)];
  const own = names.map((name) => join(otherwise, name));
  const file = [...wanted, ...(given === null ? own : [])].find((it) => existsSync(it));
  if (file === undefined) throw new Error(`there is no ${given ?? names[0]} in ${folder}`);
  const configuration = parseConfiguration(await load(file), basename(file));
  return { file, folder: dirname(file), configuration };
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
