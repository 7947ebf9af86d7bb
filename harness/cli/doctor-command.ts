import { Command, Option } from "commander";
import { type BackendName, backends, type Check, runnable } from "../doctor/check.ts";
import { checksOf } from "../doctor/machine-checks.ts";
import { lookAround } from "../doctor/machine-facts.ts";
import { styleFor } from "../report/style.ts";
import { UserError } from "./user-error.ts";
import { type DoctorFlags, doctorTarget } from "./doctor-service.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Tells what this machine can do, and what to do about what is missing;\n" +
        "with --target, proves each part of a target before any fault.",
    )
    .option("--target <name>", "a target of the configuration")
    .option(
      "--config <file>",
      "the configuration (default: threadproof.config.{ts,js,mjs,yaml,yml,json} here)",
    )
    .option("--database-url <url>", "a Postgres server to use instead of one of our own")
    .option("--test-database", "that server is there for tests: databases are made and dropped")
    .option("--allow-hooks", "tells what a run would be that may run them; none is run here")
    .addOption(
      new Option("--backend <name>", "the one that has to run")
        .choices(backends)
        .default("process"),
    )
    .option(
      "--json",
      "prints {backends: {process, docker}, checks: [{name, ok, needed, says}]}; with --target\n" +
        "{target, works, parts: [{part, state, says}], capabilities, runs, notRun}",
    )
    .addHelpText(
      "after",
      `
Nothing is pulled, and nothing stays behind. ✔ fine, ! missing but not needed, ✘ needed.

The exit code is 0 where the backend can run, and 1 where it cannot. Without --backend docker a
missing Docker is no failure: only what needs it is skipped.

With --target: ✔ works, ✘ is declared and does not work, – is not declared or cannot be seen. The
exit code is 0 where everything that is declared works, and 1 where it does not.

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
    throw new UserError("usage", "--database-url is for a target: name it with --target");
  }
  const checks = checksOf(await lookAround());
  const runs = runnable(checks);
  if (json === true) console.log(JSON.stringify({ backends: runs, checks }, null, 2));
  else print(checks, backend);
  process.exitCode = runs[backend] ? 0 : 1;
}

function print(checks: readonly Check[], backend: BackendName): void {
  const style = styleFor(process.stdout.isTTY && !process.env.NO_COLOR);
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
