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

/** Exit codes beside those of a run: wrong usage, and a failure of the harness itself. */
const usage = 64;
const internal = 70;

const program = new Command("threadproof")
  .description(
    "Proves, by killing, pausing, redeploying and cutting off real replicas,\n" +
      "whether a LangGraph agent keeps its conversations.",
  )
  .showHelpAfterError("(add --help for what is allowed)")
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
  0   every expectation was met
  1   one was not
  2   nothing failed, but something is inconclusive
  3   the baseline is stale: a violation that it accepts no longer occurs
  64  wrong usage
  70  threadproof itself failed

Examples:
  threadproof run                             everything: the exemplary service and each mistake
  threadproof run round-robin --variant plain one scenario on the plain target
  threadproof list                            the scenarios and what they claim
  threadproof report reports/latest           shows a report again
  threadproof sweep                           one turn, killed at every point of it
  threadproof replay reports/latest --case …  what a recorded run did, done again
  threadproof doctor                          what this machine can do`,
  );

// The exit override of a program is not inherited by commands that were made apart.
for (const command of program.commands) command.exitOverride().showHelpAfterError("(add --help)");

// Nobody reads any more (`threadproof run | head`): as a SIGPIPE would end it. The watchdog ends
// what was started.
process.stdout.on("error", () => process.exit(141));

resolveSelf();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = codeOf(error);
}

/** Says what went wrong in one sentence, without a stack, and answers the exit code. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // commander has already said it; help and version are no mistakes.
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
