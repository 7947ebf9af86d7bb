import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import { Baseline, writeBaseline } from "../engine/baseline.ts";
import { dockerEngine } from "../machine/docker/engine.ts";
import { kindsOf, type NamedScenario } from "../engine/load.ts";
import { openResources } from "../engine/resources.ts";
import { openProgress } from "../report/progress.ts";
import { exitCode, type RunReport } from "../report/result.ts";
import { defaultFormats, type FormatName } from "../report/formats.ts";
import { type Job, planOf } from "../engine/plan.ts";
import { caseOf } from "../engine/run.ts";
import { nothingRan, runSuite } from "../engine/suite.ts";
import { type Configuration, variedBy } from "../config/configuration.ts";
import { commandLine, quoted } from "./command-line.ts";
import { UserError } from "./user-error.ts";
import { interruptible } from "./interrupt.ts";
import { wholeNumber } from "./options.ts";
import { permission } from "./permission.ts";
import { loadConfig, loadScenariosFor } from "./load-config.ts";
import { openReports } from "./report-folder.ts";
import { placeIn, reporterOption, reportersHelp, printReport, printFailure } from "./reporters.ts";

const backends = ["process", "docker"] as const;

interface RunFlags {
  readonly backend: (typeof backends)[number];
  readonly target: string[];
  readonly variant: string[];
  readonly config?: string;
  readonly seed?: number;
  readonly json?: boolean;
  readonly reporter?: readonly FormatName[];
  readonly reports: string;
  readonly bail?: boolean;
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
  const several = (value: string, before: string[]): string[] => [...before, value];
  return new Command("run")
    .description("Runs scenarios on real replicas and judges what happened.")
    .argument("[scenario...]", "names of scenarios; without any, all of them")
    .option("--target <name>", "a target of the configuration; may be repeated", several, [])
    .option("--variant <name>", 'a variant, or "plain"; may be repeated', several, [])
    .addOption(
      new Option("--backend <name>", "how replicas are run").choices(backends).default(backends[0]),
    )
    .option(
      "--config <file>",
      "the configuration (default: threadproof.config.{ts,js,mjs,yaml,yml,json} here)",
    )
    .option("--seed <number>", "drives workload, routing and tokens", wholeNumber(0))
    .option("--json", "prints result.json on standard output, and nothing else there")
    .addOption(reporterOption())
    .option("--reports <folder>", "where reports are written", "reports")
    .option("--verbose", "prints every cause, figure and reason, not only one screen")
    .option("--bail", "stops at the first surprise")
    .option("--runs <number>", "how many times to run each case", wholeNumber(1), 1)
    .option("--jobs <number>", "scenarios at once (default: one more than cores)", wholeNumber(1))
    .option("--database-url <url>", "a Postgres server to use instead of one of our own")
    .option("--test-database", "says that the server of --database-url is there for tests")
    .option("--allow-hooks", "runs hooks that end or cut off something, without a question")
    .option("--baseline <file>", "accepted violations, with reasons")
    .option("--write-baseline", "writes what is seen into the file of --baseline")
    .addHelpText(
      "after",
      `
Without flags: every scenario on the plain target, and every variant on what it breaks.

${reportersHelp()}
Files go into a folder of this run below --reports, and a copy of it to latest/ there. history.jsonl
is always written, and a line for each result shown.

Examples:
  threadproof run
  threadproof run round-robin restart --variant plain
  threadproof run kill-mid-graph --variant never-resumes --seed 7
  threadproof run --runs 20 --bail
  threadproof run --target mine --baseline threadproof.baseline.json
  threadproof run --backend docker
  threadproof run --json > result.json
  threadproof run --reporter terminal,github,junit,ctrf,json`,
    )
    .action((names: string[], flags: RunFlags) =>
      printFailure(formatsOf(flags), streamOf(flags), () => run(names, flags)),
    );
}

// With --json standard output is for the report alone.
function streamOf({ json }: RunFlags): NodeJS.WriteStream {
  return json === true ? process.stderr : process.stdout;
}

function formatsOf({ reporter, json }: RunFlags): readonly FormatName[] {
  return reporter ?? defaultFormats.filter((it) => it !== "terminal" || json !== true);
}

async function run(names: string[], flags: RunFlags): Promise<void> {
  demandBaseline(flags);
  const loaded = await loadConfig(flags.config ?? null);
  const { configuration, folder, file, lineOf, hidden: secrets } = loaded;
  const jobs = plan(await loadScenariosFor(loaded), configuration, names, flags);
  const targets = new Map(jobs.map(({ subject: { target } }) => [target.name, target.definition]));
  const { allow } = configuration;
  const permitted = await permission(flags, { targets, allow, secrets });
  const runId = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  const stream = streamOf(flags);
  const color = stream.isTTY && !process.env.NO_COLOR;
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
  const { backend, databaseUrl = null } = flags;
  const onBuild = (command: string): void => void stream.write(`building: ${command} …\n`);
  const started = jobs.map(({ subject }) => variedBy(subject.target.definition, subject.variant));
  const place = { runId, folder, backend, databaseUrl, targets: started };
  const options = { ...place, ...permitted, onBuild };
  const seed = flags.seed ?? randomInt(2 ** 31);
  const engine = backend === "docker" ? await dockerEngine() : null;
  if (engine?.ok === false) {
    console.error(`nothing was run: ${engine.why}; without Docker there is --backend process`);
    const report = nothingRan(jobs, { reason: engine.why, seed, command: commandLine() });
    await finish(report);
    return;
  }
  if (engine !== null) stream.write("preparing containers; an image is built once per content …\n");
  const report = await interruptible(async (disposeOnInterrupt) => {
    await using resources = await openResources({ ...options, onOpening: disposeOnInterrupt });
    disposeOnInterrupt(resources);
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
      ...(flags.jobs === undefined ? {} : { parallel: flags.jobs }),
      onStart: progress.started,
      onResult: progress.finished,
    });
  });
  await finish(report);
}

function demandBaseline({ writeBaseline: write, baseline }: RunFlags): void {
  if (write !== true || baseline !== undefined) return;
  const sentence = "--write-baseline needs --baseline FILE: where shall it be written?";
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
  let jobs: Job[];
  try {
    const baseline = file === undefined ? null : Baseline.read(file, kindsOf(scenarios));
    jobs = planOf(
      scenarios,
      configuration,
      { scenarios: names, targets, variants, runs },
      baseline,
    );
  } catch (cause) {
    throw new UserError("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (jobs.length > 0) return jobs;
  throw new UserError(
    "usage",
    `no scenario is broken by ${variants.join(", ")}: name the scenarios to run on it all the same`,
  );
}

/** The exit code; with --write-baseline what was seen becomes what is expected. */
function conclude(report: RunReport, { baseline, writeBaseline: write }: RunFlags): number {
  if (write !== true || baseline === undefined) return exitCode(report);
  const surprises = report.results.filter((result) => !result.asExpected);
  const count = writeBaseline(baseline, surprises);
  console.error(`wrote ${baseline}: ${count} accepted; give each a reason before you commit it`);
  return 0;
}

/** Without these another service would be run, or in another way. */
function reproduceFlags({ config, backend, allowHooks }: RunFlags): string {
  const flags = [
    ...(config === undefined ? [] : ["--config", quoted(config)]),
    ...(backend === backends[0] ? [] : ["--backend", backend]),
    ...(allowHooks === true ? ["--allow-hooks"] : []),
  ];
  return flags.join(" ");
}
