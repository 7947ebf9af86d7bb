import { Command } from "commander";
import { type BackendName, backendNames, defaultBackend } from "../deployment/backends.ts";
import { type Check, runnable } from "../doctor/check.ts";
import { checksOf } from "../doctor/machine-checks.ts";
import { measureMachine } from "../doctor/machine-facts.ts";
import { styleFor } from "../report/style.ts";
import { backendOption, configOption } from "./options.ts";
import { colorOn } from "./command-session.ts";
import { UserError } from "./user-error.ts";
import { type DoctorFlags, doctorTarget } from "./doctor-service.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Check what this computer can run, and how to fix what is missing.\n" +
        "With --target, test each part of a target without any fault.",
    )
    .option("--target <name>", "a target of the configuration")
    .addOption(configOption())
    .option("--database-url <url>", "use this Postgres server instead of starting one")
    .option("--test-database", "confirm that --database-url is a test server")
    .option("--allow-hooks", "show what a run could do with hooks; runs none")
    .addOption(backendOption("the backend to check").default(defaultBackend))
    .option(
      "--json",
      `print {backends: {${backendNames.join(", ")}}, checks: [{name, ok, needed, says}]}; with --target\n` +
        "{target, works, parts: [{part, state, says}], capabilities, runs, notRun}",
    )
    .addHelpText(
      "after",
      `
The command pulls nothing and leaves nothing behind.

✔ fine, ! missing but not needed, ✘ missing and needed. Exit codes: 0 the backend can run, 1 it
cannot. Without --backend docker a missing Docker is not an error.

With --target: ✔ works, ✘ is declared but does not work, – is not declared or cannot be seen. Exit
codes: 0 everything that is declared works, 1 something does not.

Examples:
  threadproof doctor
  threadproof doctor --target mine
  threadproof doctor --backend docker
  threadproof doctor --json | jq .backends.docker`,
    )
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const { backend, json, target, config, databaseUrl } = flags;
  if (target !== undefined || config !== undefined) return doctorTarget(flags);
  if (databaseUrl !== undefined) {
    throw new UserError("usage", "--database-url needs --target <name>");
  }
  const checks = checksOf(await measureMachine());
  const runs = runnable(checks);
  if (json === true) console.log(JSON.stringify({ backends: runs, checks }, null, 2));
  else print(checks, backend);
  process.exitCode = runs[backend] ? 0 : 1;
}

function print(checks: readonly Check[], backend: BackendName): void {
  const style = styleFor(colorOn(process.stdout));
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, ok, needed, says } of checks) {
    const mark = ok ? style("green", "✔") : needed.includes(backend) ? style("red", "✘") : "!";
    console.log(`${mark} ${name.padEnd(width)}  ${says}`);
  }
  console.log();
  for (const [name, runs] of Object.entries(runnable(checks))) {
    const says = runs ? `threadproof run --backend ${name}` : "cannot run";
    console.log(`  ${name.padEnd(width)}  ${says}`);
  }
}
