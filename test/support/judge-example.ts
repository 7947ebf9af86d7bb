// How a stranger is judged: by its own configuration, and built by the build step in it, which may
// have to fetch its packages.
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { words } from "../../harness/deployment/process/split-command.ts";
import {
  loadConfiguration,
  loadScenarios,
  type LoadedConfiguration,
} from "../../harness/engine/load.ts";
import { openResources } from "../../harness/engine/resources.ts";
import { planOf, type Selection } from "../../harness/engine/plan.ts";
import type { Result, RunReport } from "../../harness/report/result.ts";
import { Secrets } from "../../harness/history/secrets.ts";
import { runSuite } from "../../harness/engine/suite.ts";
import type { SweepReport } from "../../harness/report/sweep/sweep-report.ts";
import { sweep } from "../../harness/engine/sweep/sweep.ts";
import { commandOf, type CommandTarget } from "../../harness/config/configuration.ts";

/** A service of a stranger, with the one target of its configuration. */
interface Stranger extends LoadedConfiguration {
  readonly target: CommandTarget;
}

/** What stands in a folder beside this file, as "python". */
export function described(name: string): Promise<LoadedConfiguration> {
  const folder = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  return loadConfiguration(folder, null, folder);
}

/** `name` is its folder. */
export async function stranger(name: string): Promise<Stranger> {
  const loaded = await described(name);
  const [target, another] = Object.values(loaded.configuration.targets);
  if (target === undefined || another !== undefined) {
    throw new Error(`${name} has to have one target, and has another number of them`);
  }
  return { ...loaded, target: commandOf(target) };
}

/** What a package manager says where it cannot reach its registry. */
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|ProxyError/;

/**
 * Builds it. Null: done; else why it cannot be on this machine: a program is not there, or the
 * registry is out of reach. Throws where the build itself is wrong.
 */
export async function build({ folder, target }: Stranger): Promise<string | null> {
  const [file = "", ...args] = words(target.build ?? "");
  try {
    await promisify(execFile)(file, args, { cwd: resolve(folder, target.folder) });
    return null;
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string };
    if (code === "ENOENT" || code === 127) return `there is no ${file}: ${message}`;
    const line = message.split("\n").find((it) => unreachable.test(it));
    if (line !== undefined) return `its packages cannot be fetched: ${line.trim()}`;
    throw cause;
  }
}

/** Runs scenarios, a few at once: those that are named, or all that are for its target. */
export async function judge(
  { configuration, folder }: LoadedConfiguration,
  given: Partial<Selection> = {},
): Promise<RunReport> {
  const scenarios = await loadScenarios(
    fileURLToPath(new URL("../../scenarios/", import.meta.url)),
  );
  const all = { scenarios: onlyIn(configuration), targets: [], variants: [], runs: 1 };
  const jobs = planOf(scenarios, configuration, { ...all, ...given }, null);
  const runId = `stranger${process.pid}`;
  await using resources = await openResources({ runId, folder, databaseUrl: null });
  const fixed = { seed: 1, historyFile: null, command: "", bail: false };
  return await runSuite(jobs, { resources, ...fixed });
}

/** Takes a turn of it apart that uses its tools, at these points. */
export async function sweepOf(
  { folder, target }: Stranger,
  points: readonly string[],
): Promise<SweepReport> {
  const runId = `sweptstranger${process.pid}`;
  await using resources = await openResources({ runId, folder, databaseUrl: null });
  return await sweep({
    ...{ resources, target: { name: "stranger", definition: target }, variant: null },
    ...{
      steps: target.tools,
      seed: 1,
      secrets: new Secrets(),
      historyFile: null,
      points,
      sample: null,
    },
    ...{ double: false, fresh: false, reproduce: (point: string) => point },
  });
}

function onlyIn({ targets }: LoadedConfiguration["configuration"]): readonly string[] {
  return Object.values(targets).flatMap(({ only = [] }) => only);
}

/** What was not as its owner expects, in a few words. */
export function surprises({ results }: RunReport): string[] {
  const told = ({ scenario, variant, verdict, diagnoses }: Result): string => {
    const causes = diagnoses.map(({ kind, because }) => `${kind}: ${because}`);
    const { kind, because } = verdict;
    return [scenario, variant ?? "plain", kind, ...causes, because].join(" · ");
  };
  return results.filter((it) => !it.asExpected).map(told);
}
