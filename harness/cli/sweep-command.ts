import { randomInt } from "node:crypto";
import { join } from "node:path";
import { Command } from "commander";
import { openResources } from "../engine/resources.ts";
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
import { interruptible } from "./interrupt.ts";
import { wholeNumber } from "./options.ts";
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
  const several = (value: string, before: string[]): string[] => [...before, value];
  return new Command("sweep")
    .description("Kills the replica at every point of one turn, and says what each kill costs.")
    .option("--target <name>", "a target of the configuration (default: the first)")
    .option("--variant <name>", 'a variant, or "plain"; may be repeated', several, [])
    .option("--config <file>", "the configuration (default: threadproof.config.ts here)")
    .option(
      "--turn <script>",
      '"plain", "tools", or names of tools: search,book or search+book',
      "tools",
    )
    .option("--point <name>", "only this point; may be repeated", several, [])
    .option("--sample <number>", "so many points, evenly over the turn", wholeNumber(1))
    .option("--double", "a second kill at each point of the recovery")
    .option("--fresh", "a pair of replicas for each point, which no other point has touched")
    .option("--seed <number>", "drives workload and tokens", wholeNumber(0))
    .option("--jobs <number>", "points at once (default: one more than cores)", wholeNumber(1))
    .option("--json", "prints sweep.json on standard output, and nothing else there")
    .option("--reports <folder>", "where sweep.html and sweep.json are written", "reports")
    .addHelpText(
      "after",
      `
At each point one of two replicas is killed, and the other one takes over. A point is before or after a
statement ("before INSERT checkpoint_blobs 2", "after COMMIT 3"), a model call or a tool call; "after" means:
done, and the service has not heard of it. search+book asks for both tools in one message.
The pair of a point that held serves the next one, once who was killed is up again. What does not hold there
is played again on a fresh pair, and that counts.
Several variants are shown below each other, and sweep.json is then a list.

Exit codes: 0 every point held, 1 one was violated, 2 none was, but one could not be judged.

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
  const { configuration, folder, hidden: secrets } = await loadConfig(flags.config ?? null);
  const { target, variants, steps } = plan(configuration, flags);
  const runId = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  const seed = flags.seed ?? randomInt(2 ** 31);
  const stream = flags.json === true ? process.stderr : process.stdout;
  const reports = new Map<string, SweepReport>();
  const place = join(flags.reports, runId);
  const write = async (): Promise<void> => {
    const seen = secrets.redactIn([...reports.values()]);
    if (seen.length > 0) await writeSweep(place, seen);
  };
  await interruptible(async (disposeOnInterrupt) => {
    using opened = new DisposableStack();
    let historyFile: HistoryFile | null = null;
    const targets = variants.map((variant) => variedBy(target.definition, variant));
    const onBuild = (command: string): void => void stream.write(`building: ${command} …\n`);
    await using resources = await openResources({
      runId,
      folder,
      databaseUrl: null,
      targets,
      onBuild,
      onOpening: disposeOnInterrupt,
    });
    disposeOnInterrupt(resources);
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
      if (unfit !== null) throw new UserError("usage", `${target.name} cannot be swept: ${unfit}`);
      historyFile ??= opened.use(openHistory(place));
      reports.set(name, await sweep({ ...options, historyFile }).catch(asUserError));
    }
  }, write);
  await write();
  const seen = secrets.redactIn([...reports.values()]);
  if (flags.json === true) process.stdout.write(jsonOf(seen));
  else {
    const color = process.stdout.isTTY && !process.env.NO_COLOR;
    stream.write(`\n${sweepText(seen, { columns: process.stdout.columns ?? 100, color })}`);
    stream.write(` report  ${join(place, "sweep.html")}, sweep.json, history.jsonl\n`);
  }
  process.exitCode = exitCodeOf(seen);
}

function jsonOf(reports: readonly SweepReport[]): string {
  return `${JSON.stringify(sweepJson(reports), null, 2)}\n`;
}

async function writeSweep(folder: string, reports: readonly SweepReport[]): Promise<void> {
  const told = sweepText(reports, { columns: 100, color: false });
  try {
    await writeFiles(folder, {
      "sweep.json": jsonOf(reports),
      "sweep.schema.json": `${JSON.stringify(sweepSchema(), null, 2)}\n`,
      "sweep.html": sweepHtml(reports),
    });
    const { GITHUB_STEP_SUMMARY: summary = null } = process.env;
    await appendSummary(summary, (room) => `\`\`\`text\n${told.slice(0, room / 4)}\n\`\`\`\n`);
  } catch (cause) {
    throw new UserError("failure", cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}

function asUserError(error: unknown): never {
  if (error instanceof NoSuchPoint) throw new UserError("usage", error.message, { cause: error });
  throw error;
}

function plan(configuration: Configuration, flags: SweepFlags) {
  const names = Object.keys(configuration.targets);
  const name = flags.target ?? names[0] ?? "";
  const definition = configuration.targets[name];
  if (definition === undefined) {
    throw new UserError("usage", `no target "${name}"; there are ${names.join(", ")}`);
  }
  const variants = (flags.variant.length === 0 ? ["plain"] : flags.variant).map((variant) => {
    if (variant === "plain") return null;
    const found = definition.variants[variant];
    if (found !== undefined) return { name: variant, definition: found };
    const known = ["plain", ...Object.keys(definition.variants)].join(", ");
    throw new UserError("usage", `no variant "${variant}"; there are ${known}`);
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
    throw new UserError("usage", `--turn ${turn}: no tool "${tool}"; there are ${known}`);
  }
  return steps;
}

/** A line for every point that does not hold, and one every few seconds with rate and estimate. */
function progressOn(stream: NodeJS.WritableStream, name: string) {
  let done = 0;
  let told = 0;
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
    if (elapsed - told < 5_000 || done === total) return;
    told = elapsed;
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
  const config = flags.config === undefined ? "" : ` --config ${flags.config}`;
  const turn = flags.turn === "tools" ? "" : ` --turn ${flags.turn}`;
  const double = flags.double === true ? " --double" : "";
  const fresh = flags.fresh === true ? " --fresh" : "";
  const names = `--target ${target} --variant ${variant}`;
  return `npx threadproof sweep${config} ${names}${turn}${double}${fresh} --seed ${seed} --point '${point}'`;
}

function exitCodeOf(reports: readonly SweepReport[]): number {
  const verdicts = reports.flatMap(({ points, undisturbed }) =>
    [undisturbed, ...points].map(({ verdict }) => verdict),
  );
  if (verdicts.includes("violated")) return 1;
  return verdicts.includes("inconclusive") ? 2 : 0;
}
