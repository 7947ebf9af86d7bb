import { randomInt } from "node:crypto";
import { join } from "node:path";
import { Command } from "commander";
import type { HistoryFile } from "../history/recording.ts";
import { callsOf } from "../history/turn.ts";
import { appendSummary, writeFiles } from "../report/write-reports.ts";
import { sweepHtml } from "../report/sweep/sweep-page.ts";
import {
  type PointResult,
  sweepJson,
  type SweepReport,
  sweepSchema,
} from "../report/sweep/sweep-report.ts";
import { NoSuchPoint } from "../engine/sweep/choice.ts";
import { sweep, type SweepOptions, unfitForSweep } from "../engine/sweep/sweep.ts";
import { sweepText } from "../report/sweep/sweep-text.ts";
import { type Configuration, variedBy } from "../config/configuration.ts";
import { openHistory } from "./report-folder.ts";
import { UserError } from "./user-error.ts";
import { configOption, severalOption, wholeNumber } from "./options.ts";
import { colorOn, openCommandSession } from "./command-session.ts";
import { quoted } from "./command-line.ts";
import { stepSummaryOf } from "./reporters.ts";
import { defaultFormats } from "../report/formats.ts";
import { loadConfig } from "./load-config.ts";

interface SweepFlags {
  readonly target?: string;
  readonly variant: string[];
  readonly config?: string;
  readonly turn: string;
  readonly point: string[];
  readonly sample?: number;
  readonly double?: boolean;
  readonly fresh?: boolean;
  readonly seed?: number;
  readonly jobs?: number;
  readonly json?: boolean;
  readonly reports: string;
}

export function sweepCommand(): Command {
  return new Command("sweep")
    .description("Kill a replica at every point of one turn and report what each kill breaks.")
    .option("--target <name>", "a target of the configuration (default: the first)")
    .addOption(severalOption("--variant <name>", 'a variant, or "plain"', "plain"))
    .addOption(configOption())
    .option(
      "--turn <script>",
      'what the turn does: "plain", "tools" (all tools), or tools by name',
      "tools",
    )
    .addOption(severalOption("--point <name>", "test only this point", "all"))
    .option(
      "--sample <number>",
      "test this many points, evenly spread over the turn",
      wholeNumber(1),
    )
    .option("--double", "kill a second time, at each point of the recovery")
    .option("--fresh", "start new replicas for each point instead of reusing them")
    .option(
      "--seed <number>",
      "seed of workload and tokens (default: a random one)",
      wholeNumber(0),
    )
    .option(
      "--jobs <number>",
      "points tested at once (default: number of cores + 1)",
      wholeNumber(1),
    )
    .option("--json", "print sweep.json, and nothing else, on standard output")
    .option("--reports <folder>", "folder for sweep.html and sweep.json", "reports")
    .addHelpText(
      "after",
      `
At each point, threadproof kills one of two replicas and the other one takes over. A point is before
or after a statement ("before INSERT checkpoint_blobs 2", "after COMMIT 3"), a model call or a tool
call. "After" means that the call took effect but the service did not receive the answer.

--turn search,book calls the tools one after the other, search+book calls both in one message.
Replicas are reused for the next point if this one passed. A failure on reused replicas is tested
again on new ones, and only that result counts. With several variants sweep.json is a list. In a
GitHub job the result is appended to its summary.

Exit codes: 0 every point holds, 1 a point is violated, 2 a point could not be judged.

Examples:
  threadproof sweep
  threadproof sweep --sample 20
  threadproof sweep --variant plain --variant async-durability --variant exit-durability
  threadproof sweep --variant never-resumes --turn search+book
  threadproof sweep --point 'after COMMIT 3'
  threadproof sweep --double --sample 60
  threadproof sweep --fresh --jobs 1
  threadproof sweep --json | jq '.points[] | select(.verdict != "holds")'`,
    )
    .action(run);
}

async function run(flags: SweepFlags): Promise<void> {
  const loaded = await loadConfig(flags.config ?? null);
  const { configuration, hidden: secrets } = loaded;
  const { target, variants, steps } = plan(configuration, flags);
  const session = await openCommandSession(
    { ...(flags.json === undefined ? {} : { json: flags.json }) },
    {
      ...{ loaded, confirm: new Map() },
      targets: variants.map((variant) => variedBy(target.definition, variant)),
    },
  );
  const { runId, stream } = session;
  const seed = flags.seed ?? randomInt(2 ** 31);
  const reports = new Map<string, SweepReport>();
  const place = join(flags.reports, runId);
  const write = async (): Promise<void> => {
    const seen = secrets.redactIn([...reports.values()]);
    if (seen.length > 0) await writeSweep(place, seen);
  };
  await session.withResources(async (resources) => {
    using opened = new DisposableStack();
    let historyFile: HistoryFile | null = null;
    for (const variant of variants) {
      const { sample = null, double = false, fresh = false, jobs } = flags;
      const name = variant?.name ?? "plain";
      const progress = progressOn(stream, name);
      const options: SweepOptions = {
        ...{ resources, target, variant, steps, seed, secrets, sample, double, fresh },
        historyFile: null,
        points: flags.point.length === 0 ? null : flags.point,
        ...(jobs === undefined ? {} : { parallel: jobs }),
        reproduce: (point) =>
          reproduceCommand(flags, { target: target.name, variant: name, seed, point }),
        onProgress(soFar, latest, count) {
          reports.set(name, soFar);
          progress(soFar, latest, count);
        },
      };
      const unfit = unfitForSweep(options);
      if (unfit !== null) {
        throw new UserError("usage", `target "${target.name}" cannot be swept: ${unfit}`);
      }
      historyFile ??= opened.use(openHistory(place));
      reports.set(name, await sweep({ ...options, historyFile }).catch(noSuchPoint));
    }
  }, write);
  await write();
  const seen = secrets.redactIn([...reports.values()]);
  if (flags.json === true) process.stdout.write(jsonOf(seen));
  else {
    const color = colorOn(process.stdout);
    stream.write(`\n${sweepText(seen, { columns: process.stdout.columns ?? 100, color })}`);
    stream.write(` report  ${join(place, "sweep.html")}, sweep.json, history.jsonl\n`);
  }
  process.exitCode = exitCodeOf(seen);
}

function jsonOf(reports: readonly SweepReport[]): string {
  return `${JSON.stringify(sweepJson(reports), null, 2)}\n`;
}

async function writeSweep(folder: string, reports: readonly SweepReport[]): Promise<void> {
  const text = sweepText(reports, { columns: 100, color: false });
  try {
    await writeFiles(folder, {
      "sweep.json": jsonOf(reports),
      "sweep.schema.json": `${JSON.stringify(sweepSchema(), null, 2)}\n`,
      "sweep.html": sweepHtml(reports),
    });
    // `run` does the same with its default formats.
    await appendSummary(
      stepSummaryOf(defaultFormats),
      (room) => `\`\`\`text\n${text.slice(0, room / 4)}\n\`\`\`\n`,
    );
  } catch (cause) {
    throw new UserError("failure", cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}

function noSuchPoint(error: unknown): never {
  if (error instanceof NoSuchPoint) throw new UserError("usage", error.message, { cause: error });
  throw error;
}

function plan(configuration: Configuration, flags: SweepFlags) {
  const names = Object.keys(configuration.targets);
  const name = flags.target ?? names[0] ?? "";
  const definition = configuration.targets[name];
  if (definition === undefined) {
    throw new UserError("usage", `no target "${name}"; targets: ${names.join(", ")}`);
  }
  const variants = (flags.variant.length === 0 ? ["plain"] : flags.variant).map((variant) => {
    if (variant === "plain") return null;
    const found = definition.variants[variant];
    if (found !== undefined) return { name: variant, definition: found };
    const known = ["plain", ...Object.keys(definition.variants)].join(", ");
    throw new UserError("usage", `no variant "${variant}"; variants: ${known}`);
  });
  return { target: { name, definition }, variants, steps: stepsOf(flags.turn, definition.tools) };
}

function stepsOf(turn: string, tools: readonly string[]): readonly string[] {
  if (turn === "plain") return [];
  if (turn === "tools") return tools;
  const steps = turn.split(",").map((it) => it.trim());
  for (const { tool } of callsOf(steps)) {
    if (tools.includes(tool)) continue;
    const known = ["plain", "tools", ...tools].join(", ");
    throw new UserError("usage", `--turn ${turn}: no tool "${tool}"; allowed: ${known}`);
  }
  return steps;
}

/** Prints each point that does not hold, and every few seconds the rate and an estimate. */
function progressOn(stream: NodeJS.WritableStream, name: string) {
  let done = 0;
  let printed = 0;
  let began = 0;
  return (_: SweepReport, latest: readonly PointResult[], total: number): void => {
    if (latest.length === 0) {
      began = performance.now();
      stream.write(`${name}: ${total} points …\n`);
      return;
    }
    done += 1;
    for (const { name: point, verdict, diagnosis } of latest) {
      if (verdict !== "holds") stream.write(`  ✘ ${point}  ${diagnosis ?? verdict}\n`);
    }
    const elapsed = performance.now() - began;
    if (elapsed - printed < 5_000 || done === total) return;
    printed = elapsed;
    const rate = Math.round((done * 60_000) / elapsed);
    const left = Math.ceil(((total - done) * elapsed) / done / 1_000);
    stream.write(`  ${done} of ${total} · ${rate} per minute · about ${left} s left\n`);
  };
}

function reproduceCommand(
  flags: SweepFlags,
  {
    target,
    variant,
    seed,
    point,
  }: { target: string; variant: string; seed: number; point: string },
): string {
  const config = flags.config === undefined ? "" : ` --config ${quoted(flags.config)}`;
  const turn = flags.turn === "tools" ? "" : ` --turn ${quoted(flags.turn)}`;
  const double = flags.double === true ? " --double" : "";
  const fresh = flags.fresh === true ? " --fresh" : "";
  const names = `--target ${quoted(target)} --variant ${quoted(variant)}`;
  return `npx threadproof sweep${config} ${names}${turn}${double}${fresh} --seed ${seed} --point ${quoted(point)}`;
}

function exitCodeOf(reports: readonly SweepReport[]): number {
  const verdicts = reports.flatMap(({ points, undisturbed }) =>
    [undisturbed, ...points].map(({ verdict }) => verdict),
  );
  if (verdicts.includes("violated")) return 1;
  return verdicts.includes("inconclusive") ? 2 : 0;
}
