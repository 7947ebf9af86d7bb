import { Command, CommanderError } from "commander";
import { UserError } from "./user-error.ts";
import { doctorCommand } from "./doctor-command.ts";
import { listCommand } from "./list-command.ts";
import { replayCommand } from "./replay-command.ts";
import { reportCommand } from "./report-command.ts";
import { runCommand } from "./run-command.ts";
import { schemaCommand } from "./schema-command.ts";
import { resolveSelf } from "./resolve-self.ts";
import { sweepCommand } from "./sweep-command.ts";

/** Exit codes of errors: wrong usage, and a failure of the harness. */
const usage = 64;
const internal = 70;

const program = new Command("threadproof")
  .description(
    "Kills, pauses, redeploys and disconnects real replicas to prove\n" +
      "whether a LangGraph agent keeps its conversations.",
  )
  .showHelpAfterError("(add --help to see what is allowed)")
  .exitOverride()
  .addCommand(runCommand())
  .addCommand(listCommand())
  .addCommand(reportCommand())
  .addCommand(doctorCommand())
  .addCommand(sweepCommand())
  .addCommand(replayCommand())
  .addCommand(schemaCommand())
  .addHelpText(
    "after",
    `
Exit codes:
  0    all results are as expected
  1    a result is not as expected
  2    nothing failed, but a result is inconclusive
  3    the baseline is stale: a violation that it accepts no longer occurs
  64   wrong usage
  70   threadproof itself failed
  130  interrupted with ctrl-c

Examples:
  threadproof doctor                           check this computer
  threadproof list                             show the scenarios and what they claim
  threadproof run                              run all scenarios
  threadproof run round-robin --variant plain  run one scenario on the plain target
  threadproof report --verbose                 print the latest report in full
  threadproof sweep                            kill a replica at every point of one turn
  threadproof replay reports/latest --case …   repeat a recorded case`,
  );

// Commands that are built separately do not inherit the exit override of the program.
for (const command of program.commands) command.exitOverride().showHelpAfterError("(add --help)");

// The reader closed the pipe, as in `threadproof run | head`. The watchdog cleans up.
process.stdout.on("error", () => process.exit(141));

resolveSelf();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = codeOf(error);
}

/** Prints an error in one sentence, without a stack. Returns the exit code. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // commander has already printed it. It throws for help and version, too.
    return error.exitCode === 0 ? 0 : usage;
  }
  if (error instanceof UserError) {
    console.error(`threadproof: ${error.message}`);
    return error.kind === "usage" ? usage : internal;
  }
  const message = error instanceof Error ? error.message : String(error);
  console.error(`threadproof failed: ${message}`);
  if (process.env.THREADPROOF_DEBUG !== undefined) console.error(error);
  return internal;
}
