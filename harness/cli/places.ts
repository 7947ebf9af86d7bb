import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  loadConfiguration,
  loadScenarios,
  type LoadedConfiguration,
  type NamedScenario,
} from "../catalogue.ts";
import { Complaint } from "./complaint.ts";

/** The folder that holds `harness/` and `scenarios/`: the repository, or the package's `dist`. */
const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function ownScenarios(): Promise<NamedScenario[]> {
  return loadScenarios(join(home, "scenarios"));
}

/** The configuration in the working folder; where there is none, that of the reference app. */
export async function configurationOf(given: string | null): Promise<LoadedConfiguration> {
  try {
    return await loadConfiguration(process.cwd(), given, home);
  } catch (cause) {
    throw new Complaint("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
