import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  allScenarios,
  loadConfiguration,
  type LoadedConfiguration,
  type NamedScenario,
} from "../engine/load.ts";
import { Secrets } from "../history/secrets.ts";
import { UserError } from "./user-error.ts";
import { redactOutput } from "./redact-output.ts";

/** The folder that holds `harness/` and `scenarios/`: the repository, or the package's `dist`. */
const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** All scenarios that a configuration can be put to: ours, and those of its own folders. */
export async function loadScenariosFor(loaded: LoadedConfiguration): Promise<NamedScenario[]> {
  return asUserError(() => allScenarios(join(home, "scenarios"), loaded));
}

/** A configuration, and what nobody should read in it, or of what is learned in a run. */
export type LoadedConfig = LoadedConfiguration & { readonly hidden: Secrets };

/**
 * The configuration in the working folder; where there is none, that of the reference app. What it
 * keeps secret is from then on not printed any more.
 */
export async function loadConfig(given: string | null): Promise<LoadedConfig> {
  const loaded = await asUserError(() => loadConfiguration(process.cwd(), given, home));
  const hidden = new Secrets(loaded.secrets);
  for (const stream of [process.stdout, process.stderr]) redactOutput(stream, hidden);
  return { ...loaded, hidden };
}

/** What cannot be loaded is for the user to mend. */
async function asUserError<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await load();
  } catch (cause) {
    throw new UserError("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
