import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { variedBy } from "../config/configuration.ts";
import { openResources } from "../engine/resources.ts";
import type { History } from "../history/history.ts";
import { type Job, planOf } from "../engine/plan.ts";
import { exitCodeOf, outcomeOf, outcomeText } from "../engine/replay/outcome.ts";
import { recordOf, recordsIn } from "../engine/replay/read-history.ts";
import { isKnownFault, replayOf } from "../engine/replay/replay.ts";
import { isWhole, obstacles } from "../engine/replay/schedule.ts";
import { openProgress } from "../report/progress.ts";
import { seenOf } from "../engine/case-result.ts";
import { caseOf, judge } from "../engine/run.ts";
import { sweepsIn } from "../report/sweep/sweep-report.ts";
import { runSuite } from "../engine/suite.ts";
import { commandLine, quoted } from "./command-line.ts";
import { UserError } from "./user-error.ts";
import { interruptible } from "./interrupt.ts";
import { permission } from "./permission.ts";
import { type LoadedConfig, loadConfig, loadScenariosFor } from "./load-config.ts";
import { openReports } from "./report-folder.ts";
import { printReport } from "./reporters.ts";

interface ReplayFlags {
  readonly case?: string;
  readonly target?: string;
  readonly variant?: string;
  readonly backend?: "process" | "docker";
  readonly config?: string;
  readonly allowHooks?: boolean;
  readonly reports: string;
  readonly json?: boolean;
}

export function replayCommand(): Command {
  return new Command("replay")
    .description("Repeats what a recorded run did: workload, routing and faults, by position.")
    .argument("<run>", "a folder of reports, or the history.jsonl in it")
    .option("--case <name>", "which of its runs: scenario, scenario/variant, or its whole name")
    .option("--target <name>", "another target of the configuration")
    .option("--variant <name>", 'another variant of the target, or "plain"')
    .addOption(
      new Option("--backend <name>", "how replicas are run (default: as recorded)").choices([
        "process",
        "docker",
      ]),
    )
    .option("--config <file>", "the configuration (default: threadproof.config.ts here)")
    .option("--allow-hooks", "runs hooks that end or cut off something, without a question")
    .option("--reports <folder>", "where reports are written", "reports")
    .option("--json", "prints {of, recorded, replayed, sameVerdict, left, otherwise, result}")
    .addHelpText(
      "after",
      `
Everything that the scenario did is done again, in the recorded order: each act begins once all have
ended that had ended before it. Who served a turn is asked for it by name, a call that was held is
held, and a fault is injected where it was, by position ("message 2 of c3", "model call 2") and not
by time. Two turns at once that nothing holds race again. The same checkers judge it.

Exit codes: 0 the same verdict, or on another service the one that is expected of it; 1 another one;
2 the schedule could not be followed, or it could not be judged.

Examples:
  threadproof replay reports/latest --case kill-mid-graph/never-resumes
  threadproof replay reports/latest --case kill-mid-graph/never-resumes --variant plain
  threadproof replay reports/latest/history.jsonl --case round-robin/reference/memory-saver --json`,
    )
    .action(replay);
}

async function replay(place: string, flags: ReplayFlags): Promise<void> {
  const file = historyIn(place);
  const record = asUserError(() =>
    recordOf(recordsIn(readFileSync(file, "utf8"), file), flags.case ?? null),
  );
  const loaded = await loadConfig(flags.config ?? null);
  const job = await jobOf(record, loaded, flags);
  const { scenario, target, variant } = job.subject;
  demandRepeatable(record);
  const seen = isWhole(record) ? seenOf(judge(record, scenario.definition.checks)) : null;
  const isSame =
    record.header.target === target.name && record.header.variant === (variant?.name ?? null);
  const again: Job = {
    ...job,
    subject: {
      ...job.subject,
      scenario: { ...scenario, definition: replayOf(record, scenario.definition) },
    },
    expected: isSame && seen !== null ? { ...seen, perhaps: [], reason: null } : job.expected,
  };
  const { report, folder, history } = await run(again, record, loaded, flags);
  const [played] = report.results;
  const [notRun] = report.notRun;
  if (played === undefined) throw new UserError("usage", `not replayed: ${notRun?.reason ?? ""}`);
  const reproduce = `npx threadproof ${process.argv.slice(2).map(quoted).join(" ")}`;
  const result = { ...played, reproduce };
  const outcome = loaded.hidden.redactIn(outcomeOf(record, seen, { result, history }));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
  else {
    const color = process.stdout.isTTY && !process.env.NO_COLOR;
    printReport(
      { ...report, results: [result] },
      { formats: ["terminal"], stream: process.stdout, color, folder },
    );
    process.stdout.write(
      `\n${outcomeText(outcome, { columns: process.stdout.columns ?? 100, color })}`,
    );
  }
  process.exitCode = exitCodeOf(outcome);
}

/** Runs the one job. Its reports get a folder of their own: the latest run stays the latest. */
async function run(job: Job, record: History, loaded: LoadedConfig, flags: ReplayFlags) {
  const { folder: home, configuration, hidden: secrets } = loaded;
  const { target } = job.subject;
  const targets = new Map([[target.name, target.definition]]);
  const permitted = await permission(flags, { targets, allow: configuration.allow, secrets });
  const runId = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  const stream = flags.json === true ? process.stderr : process.stdout;
  const color = stream.isTTY && !process.env.NO_COLOR;
  using reports = openReports(flags.reports, runId, ["json", "junit", "summary"], {
    isCopied: false,
  });
  const { backend: recorded, seed } = record.header;
  const backend = flags.backend ?? (recorded === "docker" ? "docker" : "process");
  const started = variedBy(target.definition, job.subject.variant);
  const place = { runId, folder: home, backend, databaseUrl: null, targets: [started] };
  const onBuild = (command: string): void => void stream.write(`building: ${command} …\n`);
  const resources = { ...place, ...permitted, onBuild };
  const report = await interruptible(async (disposeOnInterrupt) => {
    await using opened = await openResources({ ...resources, onOpening: disposeOnInterrupt });
    disposeOnInterrupt(opened);
    const cases = [caseOf(job.subject)];
    using progress = openProgress(stream, { cases, tty: stream.isTTY, color });
    return await runSuite([job], {
      ...{ resources: opened, seed, secrets, historyFile: reports.history },
      ...{ command: commandLine(), bail: false, parallel: 1 },
      onStart: progress.started,
      onResult: progress.finished,
    });
  });
  await reports.publish(secrets.redactIn(report));
  const [history] = recordsIn(readFileSync(reports.history.path, "utf8"), reports.history.path);
  if (history === undefined) throw new Error(`${reports.history.path} is empty`);
  return { report, folder: reports.folder, history };
}

/** What is to be run, before it is made a replay. */
async function jobOf({ header }: History, loaded: LoadedConfig, flags: ReplayFlags): Promise<Job> {
  const scenarios = await loadScenariosFor(loaded);
  const selection = {
    scenarios: [header.scenario],
    targets: [flags.target ?? header.target],
    variants: [flags.variant ?? header.variant ?? "plain"],
    runs: 1,
  };
  const [job] = asUserError(() => planOf(scenarios, loaded.configuration, selection, null));
  if (job !== undefined) return job;
  const { targets, variants } = selection;
  throw new UserError("usage", `the target "${targets[0]}" has no variant "${variants[0]}"`);
}

function demandRepeatable(record: History): void {
  const reasons = obstacles(record, isKnownFault);
  if (reasons.length === 0) return;
  const told = reasons.map((it) => `\n  ${it}`).join("");
  throw new UserError(
    "usage",
    `${record.header.run} cannot be repeated from its record:${told}\n` +
      `run the scenario itself: threadproof run ${record.header.scenario} --seed ${record.header.seed}`,
  );
}

function historyIn(place: string): string {
  if (!existsSync(place)) {
    throw new UserError("usage", `there is no ${place}; a run writes reports/latest`);
  }
  const isFolder = statSync(place).isDirectory();
  const sweep = isFolder ? join(place, "sweep.json") : place;
  if (sweep.endsWith("sweep.json") && existsSync(sweep)) throw commandsOf(sweep);
  if (!isFolder) return place;
  const file = join(place, "history.jsonl");
  if (existsSync(file)) return file;
  throw new UserError("usage", `there is no history.jsonl in ${place}: a run writes one`);
}

/** A point of a sweep has its position in its name: the sweep itself repeats it. */
function commandsOf(file: string): UserError {
  const sweeps = sweepsIn(readFileSync(file, "utf8"));
  if (sweeps === null) return new UserError("usage", `${file} is not what a sweep writes`);
  const points = sweeps.flatMap((it) => it.points);
  const broken = points.filter(({ verdict }) => verdict !== "holds");
  const [first] = points;
  const told = (broken.length > 0 ? broken : first === undefined ? [] : [first]).map(
    ({ reproduce, verdict }) => `\n  ${reproduce}   ${verdict}`,
  );
  return new UserError(
    "usage",
    `${file} is of a sweep: each point has a command of its own${told.join("")}`,
  );
}

/** What cannot be read is for the user to mend. */
function asUserError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UserError("usage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
