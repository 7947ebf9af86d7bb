import { parseArgs } from "node:util";
import { closeDatabase, openDatabase } from "./database.ts";
import { defaultParts } from "./defaults.ts";
import { sentenceOf } from "./refusal.ts";
import { retain } from "./retention.ts";
import { migrate } from "./schema.ts";
import { storageSettingsOf, WrongSetting, type StorageSettings } from "./settings.ts";

const help = `Usage: node main.ts [command]

  (none)                                        starts the service
  migrate                                       creates or updates the tables, then ends
  retain --idle-days N [--archived-days M]      deletes threads without a message for N days, and
                                                archived threads after M days, then ends
  --help                                        prints this

Settings are environment variables; README.md lists them.

  PORT=3000 DATABASE_URL=postgres://localhost/app TOOLS_URL=http://localhost:4000 node main.ts
  DATABASE_URL=postgres://localhost/app node main.ts retain --idle-days 90 --archived-days 7`;

const usageError = 64;

/** The command line is wrong. The message is one sentence. */
class WrongUsage extends Error {}

/** Runs the command that the arguments name; without one, `start`. Ends the process if it fails. */
export async function commandLine(args: string[], start: () => Promise<void>): Promise<void> {
  const commands = new Map<string, (flags: Flags) => Promise<void>>([
    ["serve", start],
    ["migrate", migrateOnce],
    ["retain", retainOnce],
  ]);
  try {
    const { values, positionals } = argumentsOf(args);
    const [name = "serve", ...rest] = positionals;
    const command = commands.get(name);
    if (values.help) console.log(help);
    else if (command === undefined || rest.length > 0) {
      throw new WrongUsage(`There is no command "${positionals.join(" ")}"; --help lists them.`);
    } else await command(values);
  } catch (error) {
    console.error(sentenceOf(error));
    process.exit(error instanceof WrongSetting || error instanceof WrongUsage ? usageError : 1);
  }
}

type Flags = ReturnType<typeof argumentsOf>["values"];

function argumentsOf(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        "idle-days": { type: "string" },
        "archived-days": { type: "string" },
      },
    });
  } catch (cause) {
    throw new WrongUsage(`${sentenceOf(cause)} (--help lists the options)`);
  }
}

async function migrateOnce(): Promise<void> {
  const database = openDatabase(postgresSettings("migrate"));
  try {
    await migrate(database);
  } finally {
    await closeDatabase(database);
  }
  console.log("the schema is current");
}

async function retainOnce(flags: Flags): Promise<void> {
  const settings = postgresSettings("retain");
  const idleBefore = daysAgo(flags, "idle-days");
  if (idleBefore === undefined) throw new WrongUsage("retain needs --idle-days N.");
  const archivedBefore = daysAgo(flags, "archived-days");
  const idleness = { idleBefore, archivedBefore };
  const { deleted, busy } = await retain(settings, defaultParts(settings), idleness);
  console.log(`deleted ${deleted} threads, skipped ${busy} that were in use`);
}

function daysAgo(flags: Flags, flag: "idle-days" | "archived-days"): Date | undefined {
  const days = flags[flag];
  if (days === undefined) return undefined;
  if (/^\d{1,6}(\.\d+)?$/.test(days)) return new Date(Date.now() - Number(days) * 86_400_000);
  throw new WrongUsage(`--${flag} must be a number of days; it is "${days}".`);
}

function postgresSettings(command: string): StorageSettings {
  const settings = storageSettingsOf(process.env);
  if (settings.CHECKPOINTER === "postgres") return settings;
  throw new WrongSetting(`CHECKPOINTER is "memory": there is nothing to ${command}.`);
}
