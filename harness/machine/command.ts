import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa, type Result } from "execa";
import { Output } from "./output.ts";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: the command inherits nothing. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder for a temporary file with the output. */
  readonly scratch: string;
  /** After this time its process group is killed. Default: no deadline. */
  readonly withinMs?: number;
  /** Default: standard output and standard error, in the printed order. */
  readonly keeps?: "stderr";
  readonly account?: { readonly uid: number; readonly gid: number } | null;
  /** Called with the pid as soon as the command runs. */
  readonly onStart?: (pid: number | undefined) => void;
}

export interface CommandEnd {
  /** Null: exit code 0; otherwise a predicate: "ended with 3". */
  readonly failure: string | null;
  readonly output: Output;
}

/**
 * Runs a command to its end, in a process group that ctrl-c does not reach. Its background
 * processes keep running, unless the deadline passes.
 */
export async function runCommand(command: Command): Promise<CommandEnd> {
  const { file, args, cwd, scratch, withinMs = 0, keeps, account, onStart } = command;
  const folder = mkdtempSync(join(scratch, "command-"));
  const path = join(folder, "output");
  // Not a pipe: a background process that inherits it would delay the end, or die with us.
  const written = openSync(path, "w") as 3; // execa's types know descriptors up to 9 only
  try {
    const running = execa(file, args, {
      cwd,
      env: Object.fromEntries(
        Object.entries(command.env).filter(([, value]) => value !== undefined),
      ),
      extendEnv: false,
      stdio: ["ignore", keeps === "stderr" ? "ignore" : written, written],
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
      timeout: withinMs,
      killSignal: "SIGKILL",
      killDescendants: true,
      cleanup: false,
      reject: false,
    });
    onStart?.(running.pid);
    const failure = failureOf(await running, withinMs);
    const output = new Output();
    for (const line of tailOf(path).split("\n")) output.add(line);
    return { failure, output };
  } finally {
    closeSync(written);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A failure and the last lines that the command printed. */
export function describeFailure(failure: string, { excerpt }: Output): string {
  return excerpt === "" ? failure : `${failure}: ${excerpt}`;
}

type End = Pick<Result, "failed" | "timedOut" | "exitCode" | "signal" | "originalMessage">;

function failureOf(result: End, withinMs: number): string | null {
  const { failed, timedOut, exitCode, signal, originalMessage = "" } = result;
  if (!failed) return null;
  if (timedOut) return `did not end within ${withinMs} ms`;
  const end = exitCode ?? signal;
  return end === undefined
    ? `cannot be run: ${originalMessage.split("\n")[0]}`
    : `ended with ${end}`;
}

/** Only the tail: a command may print a gigabyte. */
function tailOf(path: string): string {
  const { size } = statSync(path);
  const length = Math.min(size, 20_000);
  const tail = Buffer.alloc(length);
  const read = openSync(path, "r");
  try {
    readSync(read, tail, 0, length, size - length);
  } finally {
    closeSync(read);
  }
  return tail.toString();
}
