import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  loadConfiguration,
  loadScenarios,
  type LoadedConfiguration,
  type NamedScenario,
} from "../catalogue.ts";
import { Secrets } from "../secrets.ts";
import { Complaint } from "./complaint.ts";
import { guard } from "./guard.ts";

/** The folder that holds `harness/` and `scenarios/`: the repository, or the package's `dist`. */
const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function ownScenarios(): Promise<NamedScenario[]> {
  return loadScenarios(join(home, "scenarios"));
}

/**
 * The configuration in the working folder; where there is none, that of the reference app. What it
 * keeps secret is from then on not printed any more.
 */
export async function configurationOf(
  given: string | null,
): Promise<Omit<LoadedConfiguration, "secrets"> & { readonly secrets: Secrets }> {
  try {
    const loaded = await loadConfiguration(process.cwd(), given, home);
    const secrets = new Secrets(loaded.secrets);
    for (const stream of [process.stdout, process.stderr]) guard(stream, secrets);
    return { ...loaded, secrets };
  } catch (cause) {
    throw new Complaint("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
