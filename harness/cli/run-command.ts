import { randomInt } from "node:crypto";
import { Command } from "commander";
import { backendKind, type BackendName, defaultBackend } from "../deployment/backends.ts";
import { Baseline, writeBaseline } from "../engine/baseline.ts";
import { kindsOf, type NamedScenario } from "../engine/load.ts";
import { openProgress } from "../report/progress.ts";
import { exitCode, type RunReport } from "../report/result.ts";
import { defaultFormats, type FormatName } from "../report/formats.ts";
import { type Job, planOf } from "../engine/plan.ts";
import { caseOf } from "../engine/run.ts";
import { nothingRan, runSuite } from "../engine/suite.ts";
import { promisesInWords } from "../config/assumed-promises.ts";
import { type Configuration, variedBy } from "../config/configuration.ts";
import type { Promises } from "../history/promises.ts";
import { commandLine, quoted } from "./command-line.ts";
import { asUserError, UserError } from "./user-error.ts";
import {
  backendOption,
  configOption,
  severalOption,
  verboseOption,
  wholeNumber,
} from "./options.ts";
import { openCommandSession } from "./command-session.ts";
import { loadConfig, loadScenariosFor } from "./load-config.ts";
import { openReports } from "./report-folder.ts";
import { placeIn, reporterOption, reportersHelp, printReport, printFailure } from "./reporters.ts";

interface RunFlags {
  readonly backend: BackendName;
  readonly target: string[];
  readonly variant: string[];
  readonly config?: string;
  readonly seed?: number;
  readonly json?: boolean;
  readonly reporter?: readonly FormatName[];
  readonly reports: string;
  readonly bail?: boolean;
  readonly experiments: boolean;
  readonly verbose?: boolean;
  readonly runs: number;
  readonly jobs?: number;
  readonly databaseUrl?: string;
  readonly testDatabase?: boolean;
  readonly allowHooks?: boolean;
  readonly baseline?: string;
  readonly writeBaseline?: boolean;
}

export function runCommand(): Command {
  return new Command("run")
    .description("Run scenarios on real replicas and judge the results.")
    .argument("[scenario...]", "names of scenarios (default: all)")
    .addOption(severalOption("--target <name>", "a target of the configuration", "all"))
    .addOption(severalOption("--variant <name>", 'a variant, or "plain"', "see below"))
    .addOption(backendOption("how to run the replicas").default(defaultBackend))
    .addOption(configOption())
    .option(
      "--seed <number>",
      "seed of workload, routing and tokens (default: a random one)",
      wholeNumber(0),
    )
    .option("--json", "print result.json, and nothing else, on standard output")
    .addOption(reporterOption())
    .option("--reports <folder>", "folder for reports", "reports")
    .addOption(verboseOption())
    .option("--bail", "stop at the first result that is not as expected")
    .option("--runs <number>", "run each case this many times", wholeNumber(1), 1)
    .option(
      "--jobs <number>",
      "scenarios that run at once (default: number of cores + 1)",
      wholeNumber(1),
    )
    .option("--database-url <url>", "use this Postgres server instead of starting one")
    .option("--test-database", "confirm that --database-url is a test server")
    .option("--allow-hooks", "run hooks that kill or disconnect something, without asking")
    .option("--baseline <file>", "file of accepted violations, with reasons")
    .option(
      "--no-experiments",
      "do not repeat a surprising violation with one thing changed; names fewer causes",
    )
    .option("--write-baseline", "write the violations of this run to --baseline")
    .addHelpText(
      "after",
      `
By default every scenario runs on each unchanged target ("plain") and on the variants that are
expected to break it. Exit codes: see threadproof --help.

${reportersHelp()}
Each run writes its files to a new folder in --reports, and copies them to latest/ there. It always
writes history.jsonl, and prints one line per result.

Examples:
  threadproof run
  threadproof run round-robin restart --variant plain
  threadproof run kill-mid-graph --variant never-resumes --seed 7
  threadproof run --runs 20 --bail
  threadproof run --no-experiments
  threadproof run --target mine --baseline threadproof.baseline.json
  threadproof run --backend docker
  threadproof run --json > result.json
  threadproof run --reporter terminal,github,junit,ctrf,json`,
    )
    .action((names: string[], flags: RunFlags) =>
      printFailure(formatsOf(flags), streamOf(flags), () => run(names, flags)),
    );
}

// With --json, standard output contains only the report.
function streamOf({ json }: RunFlags): NodeJS.WriteStream {
  return json === true ? process.stderr : process.stdout;
}

function formatsOf({ reporter, json }: RunFlags): readonly FormatName[] {
  return reporter ?? defaultFormats.filter((it) => it !== "terminal" || json !== true);
}

async function run(names: string[], flags: RunFlags): Promise<void> {
  demandBaseline(flags);
  const loaded = await loadConfig(flags.config ?? null);
  const { configuration, file, lineOf, hidden: secrets } = loaded;
  const jobs = plan(await loadScenariosFor(loaded), configuration, names, flags);
  const targets = new Map(jobs.map(({ subject: { target } }) => [target.name, target.definition]));
  const started = jobs.map(({ subject }) => variedBy(subject.target.definition, subject.variant));
  const session = await openCommandSession(flags, { loaded, targets: started, confirm: targets });
  const { runId, stream, color } = session;
  const formats = formatsOf(flags);
  using reports = openReports(flags.reports, runId, formats);
  const finish = async (seen: RunReport): Promise<void> => {
    const report = secrets.redactIn(seen);
    await reports.publish(report);
    if (flags.json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    const placeOf = (target: string) => placeIn(file, lineOf(["targets", target]));
    const { verbose = false } = flags;
    printReport(report, { formats, stream, color, folder: reports.latest, verbose, placeOf });
    process.exitCode = conclude(report, flags);
  };
  const { backend } = flags;
  const seed = flags.seed ?? randomInt(2 ** 31);
  const kind = backendKind(backend);
  const reason = await kind.unavailable();
  if (reason !== null) {
    console.error(`no scenario ran: ${reason}; or use --backend ${defaultBackend}`);
    await finish(nothingRan(jobs, { reason, seed, command: commandLine() }));
    return;
  }
  if (kind.preparing !== undefined) stream.write(`${kind.preparing}\n`);
  const report = await session.withResources(async (resources) => {
    for (const [name, { promises, assumed }] of targets) {
      if (assumed.length > 0) stream.write(`${assumedLine(name, promises, assumed)}\n`);
    }
    const cases = jobs.map(({ subject }) => caseOf(subject));
    using progress = openProgress(stream, { cases, tty: stream.isTTY, color });
    return await runSuite(jobs, {
      resources,
      seed,
      historyFile: reports.history,
      secrets,
      command: commandLine(),
      reproduceFlags: reproduceFlags(flags),
      bail: flags.bail === true,
      experiments: flags.experiments,
      ...(flags.jobs === undefined ? {} : { parallel: flags.jobs }),
      onStart: progress.started,
      onResult: progress.finished,
    });
  });
  await finish(report);
}

function demandBaseline({ writeBaseline: write, baseline }: RunFlags): void {
  if (write !== true || baseline !== undefined) return;
  const sentence = "--write-baseline needs --baseline <file>: the file to write";
  throw new UserError("usage", sentence);
}

function plan(
  scenarios: readonly NamedScenario[],
  configuration: Configuration,
  names: readonly string[],
  flags: RunFlags,
): Job[] {
  const { target: targets, variant: variants, runs } = flags;
  const file = flags.writeBaseline === true ? undefined : flags.baseline;
  const jobs = asUserError(() => {
    const baseline = file === undefined ? null : Baseline.read(file, kindsOf(scenarios));
    const selection = { scenarios: names, targets, variants, runs };
    return planOf(scenarios, configuration, selection, baseline);
  });
  if (jobs.length > 0) return jobs;
  throw new UserError(
    "usage",
    `${variants.join(", ")}: not expected to break any scenario; to run it anyway, name scenarios`,
  );
}

/** The promises that the configuration does not make. */
function assumedLine(target: string, promises: Promises, assumed: readonly string[]): string {
  const lines = promisesInWords(promises, assumed).assumed;
  return `${target} declares no promise for these, so defaults are assumed: ${lines.join(", ")}`;
}

/** Returns the exit code. With --write-baseline, writes the surprises to the baseline first. */
function conclude(report: RunReport, { baseline, writeBaseline: write }: RunFlags): number {
  if (write !== true || baseline === undefined) return exitCode(report);
  const surprises = report.results.filter((result) => !result.asExpected);
  const count = writeBaseline(baseline, surprises);
  console.error(`wrote ${baseline}: ${count} accepted; give each a reason before you commit it`);
  return 0;
}

/** The flags that select the service and how it runs. */
function reproduceFlags({ config, backend, allowHooks }: RunFlags): string {
  const flags = [
    ...(config === undefined ? [] : ["--config", quoted(config)]),
    ...(backend === defaultBackend ? [] : ["--backend", backend]),
    ...(allowHooks === true ? ["--allow-hooks"] : []),
  ];
  return flags.join(" ");
}
