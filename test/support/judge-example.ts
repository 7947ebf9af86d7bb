// Builds and runs an example service with the configuration in its folder. The build step may
// download packages.
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

/** An example service with the only target of its configuration. */
interface Example extends LoadedConfiguration {
  readonly target: CommandTarget;
}

/** The configuration of a folder in examples/, such as "python". */
export function described(name: string): Promise<LoadedConfiguration> {
  const folder = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  return loadConfiguration(folder, null, folder);
}

/** The example in the folder `name`. @throws Error if it does not have exactly one target. */
export async function example(name: string): Promise<Example> {
  const loaded = await described(name);
  const [target, another] = Object.values(loaded.configuration.targets);
  if (target === undefined || another !== undefined) {
    throw new Error(`examples/${name} does not have exactly one target`);
  }
  return { ...loaded, target: commandOf(target) };
}

/** Errors of package managers that cannot reach their registry. */
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|ProxyError/;

/**
 * Builds an example. Returns null, or the reason why this machine cannot build it: a missing
 * program, or a registry that cannot be reached. @throws the error of any other failed build.
 */
export async function build({ folder, target }: Example): Promise<string | null> {
  const [file = "", ...args] = words(target.build ?? "");
  try {
    await promisify(execFile)(file, args, { cwd: resolve(folder, target.folder) });
    return null;
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string };
    if (code === "ENOENT" || code === 127) return `${file} is not installed: ${message}`;
    const line = message.split("\n").find((it) => unreachable.test(it));
    if (line !== undefined) return `cannot download its packages: ${line.trim()}`;
    throw cause;
  }
}

/** Runs the selected scenarios, or all scenarios of the targets' `only`. */
export async function judge(
  { configuration, folder }: LoadedConfiguration,
  given: Partial<Selection> = {},
): Promise<RunReport> {
  const scenarios = await loadScenarios(
    fileURLToPath(new URL("../../scenarios/", import.meta.url)),
  );
  const all = { scenarios: onlyIn(configuration), targets: [], variants: [], runs: 1 };
  const jobs = planOf(scenarios, configuration, { ...all, ...given }, null);
  const runId = `example${process.pid}`;
  await using resources = await openResources({ runId, folder, databaseUrl: null });
  const fixed = { seed: 1, historyFile: null, command: "", bail: false };
  return await runSuite(jobs, { resources, ...fixed });
}

/** Sweeps these points of a turn that uses all tools. */
export async function sweepOf(
  { folder, target }: Example,
  points: readonly string[],
): Promise<SweepReport> {
  const runId = `sweptexample${process.pid}`;
  await using resources = await openResources({ runId, folder, databaseUrl: null });
  return await sweep({
    ...{ resources, target: { name: "example", definition: target }, variant: null },
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

/** The results that are not as expected, one line each. */
export function surprises({ results }: RunReport): string[] {
  const line = ({ scenario, variant, verdict, diagnoses }: Result): string => {
    const causes = diagnoses.map(({ kind, because }) => `${kind}: ${because}`);
    const { kind, because } = verdict;
    return [scenario, variant ?? "plain", kind, ...causes, because].join(" · ");
  };
  return results.filter((it) => !it.asExpected).map(line);
}
