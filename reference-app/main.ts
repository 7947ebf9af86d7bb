import { once } from "node:events";
import { parseArgs } from "node:util";
import { closeDatabase } from "./database.ts";
import { httpOf } from "./http.ts";
import { inMemory } from "./memory.ts";
import { withMistake } from "./mistakes.ts";
import { exemplaryParts } from "./parts.ts";
import { sentenceOf } from "./refusal.ts";
import { retain } from "./retention.ts";
import { migrate } from "./schema.ts";
import { assemble } from "./service.ts";
import { settingsOf, storageSettingsOf, WrongSetting, type StorageSettings } from "./settings.ts";

const help = `Usage: node main.ts [command]

  (none)                                        starts the service
  migrate                                       creates or updates the tables, then ends
  retain --idle-days N [--archived-days M]      deletes threads without a message for N days,
                                                archived ones for M days, then ends
  --help                                        prints this

Settings come from the environment; README.md lists them.

  PORT=3000 DATABASE_URL=postgres://localhost/app TOOLS_URL=http://localhost:4000 node main.ts
  DATABASE_URL=postgres://localhost/app node main.ts retain --idle-days 90 --archived-days 7`;

const usageError = 64;

/** What was typed is not understood. Its message is one sentence. */
class WrongUsage extends Error {}

const commands = new Map([
  ["serve", serve],
  ["migrate", migrateOnce],
  ["retain", retainOnce],
]);

try {
  const { values, positionals } = argumentsOf(process.argv.slice(2));
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
    throw new WrongUsage(`${sentenceOf(cause)} (--help lists what there is)`);
  }
}

async function serve(): Promise<void> {
  const settings = settingsOf(process.env);
  const service = assemble(settings, partsFor(settings, settings));
  const server = httpOf(service).listen(settings.PORT, settings.HOST);
  // Longer than a balancer keeps its connections, or it sends a request on one that we are closing.
  server.keepAliveTimeout = 65_000;

  let ending = false;
  const end = () => {
    if (ending) process.exit(1);
    ending = true;
    void service.parts.shutDown(service, server).then((code) => process.exit(code));
  };
  process.on("SIGTERM", end).on("SIGINT", end);

  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : settings.PORT;
  console.log(`replica ${settings.REPLICA} listens on http://${settings.HOST}:${port}`);
  // It listens first, so that /readyz can say what is still missing.
  await service.schema.prepare();
}

async function migrateOnce(): Promise<void> {
  const settings = postgresSettings("migrate");
  const database = partsFor(settings).openDatabase(settings);
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
  const parts = partsFor(settings, { MISTAKE: process.env["MISTAKE"] || undefined });
  const { deleted, busy } = await retain(settings, parts, { idleBefore, archivedBefore });
  console.log(`deleted ${deleted} threads, passed over ${busy} that were in use`);
}

function daysAgo(flags: Flags, flag: "idle-days" | "archived-days"): Date | undefined {
  const days = flags[flag];
  if (days === undefined) return undefined;
  if (/^\d{1,6}(\.\d+)?$/.test(days)) return new Date(Date.now() - Number(days) * 86_400_000);
  throw new WrongUsage(`--${flag} must be a number of days; it is "${days}".`);
}

function partsFor(
  { CHECKPOINTER }: StorageSettings,
  chosen: { DURABILITY?: "sync" | "async" | "exit"; MISTAKE?: string | undefined } = {},
) {
  const parts = exemplaryParts(chosen.DURABILITY);
  return withMistake(CHECKPOINTER === "memory" ? inMemory(parts) : parts, chosen.MISTAKE);
}

function postgresSettings(command: string): StorageSettings {
  const settings = storageSettingsOf(process.env);
  if (settings.CHECKPOINTER === "postgres") return settings;
  throw new WrongSetting(`CHECKPOINTER is "memory": there is nothing to ${command}.`);
}
