import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  allScenarios,
  loadConfiguration,
  type LoadedConfiguration,
  type NamedScenario,
} from "../engine/load.ts";
import { Secrets } from "../history/secrets.ts";
import { redactOutput } from "./redact-output.ts";
import { usageError } from "./user-error.ts";

/** The folder that holds `harness/` and `scenarios/`: the repository, or the package's `dist`. */
const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The scenarios of threadproof, and those in the folders that the configuration names. */
export async function loadScenariosFor(loaded: LoadedConfiguration): Promise<NamedScenario[]> {
  return allScenarios(join(home, "scenarios"), loaded).catch((cause) => {
    throw usageError(cause);
  });
}

/** A configuration and its secrets. A run adds the secrets that it receives, such as tokens. */
export type LoadedConfig = LoadedConfiguration & { readonly hidden: Secrets };

/**
 * Loads the configuration in the working folder, or else the one of the reference app.
 * From then on the process removes the configuration's secrets from its output.
 */
export async function loadConfig(given: string | null): Promise<LoadedConfig> {
  const loaded = await loadConfiguration(process.cwd(), given, home).catch((cause) => {
    throw usageError(cause);
  });
  if (given === null && loaded.folder !== process.cwd()) {
    process.stderr.write("There is no configuration here, so this is about the reference app.\n");
  }
  const hidden = new Secrets(loaded.secrets);
  for (const stream of [process.stdout, process.stderr]) redactOutput(stream, hidden);
  return { ...loaded, hidden };
}
