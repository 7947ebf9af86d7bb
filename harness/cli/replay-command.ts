import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { variedBy } from "../config/configuration.ts";
import { type BackendName, backendNamed } from "../deployment/backends.ts";
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
import { backendOption, configOption } from "./options.ts";
import { colorOn, openCommandSession } from "./command-session.ts";
import { asUserError, UserError } from "./user-error.ts";
import { type LoadedConfig, loadConfig, loadScenariosFor } from "./load-config.ts";
import { openReports } from "./report-folder.ts";
import { printReport } from "./reporters.ts";

interface ReplayFlags {
  readonly case?: string;
  readonly target?: string;
  readonly variant?: string;
  readonly backend?: BackendName;
  readonly config?: string;
  readonly allowHooks?: boolean;
  readonly reports: string;
  readonly json?: boolean;
}

export function replayCommand(): Command {
  return new Command("replay")
    .description("Repeat a recorded run: its workload, routing and faults, in the recorded order.")
    .argument("<run>", "a reports folder, or the history.jsonl in it")
    .option("--case <name>", "the case to replay: scenario, scenario/variant, or the full name")
    .option("--target <name>", "run on another target of the configuration")
    .option("--variant <name>", 'run on another variant, or "plain"')
    .addOption(backendOption("how to run the replicas, by default as recorded"))
    .addOption(configOption())
    .option("--allow-hooks", "run hooks that kill or disconnect something, without asking")
    .option("--reports <folder>", "folder for reports", "reports")
    .option("--json", "print {of, recorded, replayed, sameVerdict, left, otherwise, result}")
    .addHelpText(
      "after",
      `
Actions run in the recorded order; each one waits for those that had finished before it. Requests go
to the replica that served them, held calls are held again, and faults are injected at the recorded
position ("message 2 of c3", "model call 2"), not at the recorded time. Concurrent turns without a
hold still race. The same checkers judge the replay.

Exit codes: 0 the same verdict, or on another service the expected one; 1 another verdict; 2 the
replay could not follow the record, or could not be judged.

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
    const color = colorOn(process.stdout);
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

/** Runs the job. Its reports go to a new folder and are not copied to latest/. */
async function run(job: Job, record: History, loaded: LoadedConfig, flags: ReplayFlags) {
  const { hidden: secrets } = loaded;
  const { target } = job.subject;
  const { backend: recorded, seed } = record.header;
  const session = await openCommandSession(
    { ...flags, backend: flags.backend ?? backendNamed(recorded) },
    {
      ...{ loaded, targets: [variedBy(target.definition, job.subject.variant)] },
      confirm: new Map([[target.name, target.definition]]),
    },
  );
  const { runId, stream, color } = session;
  using reports = openReports(flags.reports, runId, ["json", "junit", "summary"], {
    isCopied: false,
  });
  const report = await session.withResources(async (resources) => {
    const cases = [caseOf(job.subject)];
    using progress = openProgress(stream, { cases, tty: stream.isTTY, color });
    return await runSuite([job], {
      ...{ resources, seed, secrets, historyFile: reports.history },
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

/** The job of the recorded case, with its original scenario. */
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
  const list = reasons.map((it) => `\n  ${it}`).join("");
  throw new UserError(
    "usage",
    `${record.header.run} cannot be replayed from its history:${list}\n` +
      `run the scenario instead: threadproof run ${record.header.scenario} --seed ${record.header.seed}`,
  );
}

function historyIn(place: string): string {
  if (!existsSync(place)) {
    throw new UserError("usage", `no file or folder ${place}; a run writes reports/latest`);
  }
  const isFolder = statSync(place).isDirectory();
  const sweep = isFolder ? join(place, "sweep.json") : place;
  if (sweep.endsWith("sweep.json") && existsSync(sweep)) throw commandsOf(sweep);
  if (!isFolder) return place;
  const file = join(place, "history.jsonl");
  if (existsSync(file)) return file;
  throw new UserError("usage", `no history.jsonl in ${place}; a run writes one`);
}

/** A point's name is its position in the turn, so the command `sweep` reproduces it. */
function commandsOf(file: string): UserError {
  const sweeps = sweepsIn(readFileSync(file, "utf8"));
  if (sweeps === null) return new UserError("usage", `${file} was not written by a sweep`);
  const points = sweeps.flatMap((it) => it.points);
  const broken = points.filter(({ verdict }) => verdict !== "holds");
  const [first] = points;
  const commands = (broken.length > 0 ? broken : first === undefined ? [] : [first]).map(
    ({ reproduce, verdict }) => `\n  ${reproduce}   ${verdict}`,
  );
  return new UserError(
    "usage",
    `${file} is from a sweep; reproduce a point with its own command:${commands.join("")}`,
  );
}
