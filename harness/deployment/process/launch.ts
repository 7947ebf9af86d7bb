import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { delimiter, dirname, resolve } from "node:path";
import type { Environment, Launch } from "../replica.ts";
import type { CommandTarget } from "../../config/configuration.ts";
import { fillText } from "../../config/template.ts";
import type { Watchdog } from "../../machine/watchdog/watchdog.ts";
import { environmentOf } from "../replica-environment.ts";
import { describeFailure, runCommand } from "../../machine/command.ts";
import { freePort } from "../../machine/port.ts";
import { words } from "./split-command.ts";

export interface ProcessBackendOptions {
  /** The watchdog that marks the children of this run and ends them with it. */
  readonly watchdog: Pick<Watchdog, "environment" | "adopt">;
  /** The folder of the configuration, in which command lines run. */
  readonly folder: string;
  /** `${scratch}`: a folder that the run removes at its end. */
  readonly scratch: string;
  /** Whether we started the database server, and may end it. */
  readonly ownDatabase: boolean;
  /** Resolves when the target is built. */
  readonly build: (target: CommandTarget) => Promise<void>;
  /** Replaces `${bundle:FILE}` in a command line. */
  readonly commandLine: (template: string) => Promise<string>;
}

/** `node` in a command line means the Node that runs the harness. */
export const environmentPath = [dirname(process.execPath), process.env.PATH].join(delimiter);

/** What the replicas of one site share. */
export interface Home {
  readonly target: CommandTarget;
  readonly options: ProcessBackendOptions;
  /** When it is aborted, nothing more is started. */
  readonly over: AbortSignal;
}

/** Runs the target's migration to its end. */
export async function migrate(launch: Launch, home: Home): Promise<void> {
  const port = await freePort();
  const { line, ...command } = await commandOf(home.target.migrate ?? "", launch, home, port);
  const { scratch, watchdog } = home.options;
  const { failure, output } = await runCommand({ ...command, scratch, onStart: watchdog.adopt });
  if (failure === null) return;
  throw new Error(`the migration "${line}" ${describeFailure(failure, output)}`);
}

/** An environment variable that identifies a child and its descendants. */
export const lifeVariable = "THREADPROOF_LIFE";

/** Starts a command line of the target with its environment, marked for the watchdog. */
export async function launchProcess(
  template: string,
  launch: Launch,
  home: Home,
  port: number,
  environment: Environment = {},
) {
  const command = await commandOf(template, launch, home, port, environment);
  const { file, args, cwd, env, line, filled, life } = command;
  // Not execa: a replica has no deadline, its own ways to end, and starts often.
  const child = spawn(file, args, {
    cwd,
    env,
    // Its own process group: development servers fork, and an orphan would keep the port.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  home.options.watchdog.adopt(child.pid);
  return { child, line, filled, life };
}

/** A command line of the target as a program with its arguments, folder and environment. */
async function commandOf(
  template: string,
  launch: Launch,
  { target, options, over }: Home,
  port: number,
  environment: Environment = {},
) {
  const { folder, watchdog, commandLine, scratch } = options;
  const names = { ...launch.names, port: String(port), scratch };
  const line = fillText(await commandLine(template), names);
  const [file = "", ...args] = words(line);
  const filled = { ...environmentOf(target, launch, names), ...environment };
  const life = randomUUID();
  over.throwIfAborted();
  const marks = { ...watchdog.environment, [lifeVariable]: life };
  const env = { ...process.env, PATH: environmentPath, ...filled, ...marks };
  return { file, args, cwd: resolve(folder, target.folder), env, line, filled, life };
}
