import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Environment, Launch, Signal } from "../replica.ts";
import { methodAndPath } from "../../config/request.ts";
import { carriersOf } from "../../machine/watchdog/process-table.ts";
import { clockEnvironment, libfaketime, removeTracesOf } from "../clock.ts";
import { type Home, launchProcess, lifeVariable } from "./launch.ts";
import type { Output } from "../../machine/output.ts";
import { probe } from "../../machine/probe.ts";
import { type Exit, type Life, SupervisedReplica } from "../supervised-replica.ts";
import { stopped } from "../../machine/stopped.ts";

/** A replica as a child process. It keeps its port over restarts. */
export class ProcessReplica extends SupervisedReplica {
  readonly url: URL;

  constructor(launch: Launch, home: Home, port: number) {
    const url = new URL(`http://127.0.0.1:${port}`);
    const { ready, promises } = home.target;
    const { method, path } = methodAndPath(ready);
    super(launch, {
      ready,
      drainMs: promises.drainMs,
      begin: (environment, output) => begin(launch, home, { port, environment, output }),
      clock: (aheadMs) =>
        clockEnvironment(aheadMs, libfaketime(), { ...process.env, ...home.target.env }),
      look: (timeoutMs) => probe(new URL(path, url), method, timeoutMs),
    });
    this.url = url;
  }
}

interface StartOptions {
  readonly port: number;
  readonly environment: Environment;
  readonly output: Output;
}

async function begin(
  launch: Launch,
  home: Home,
  { port, environment, output }: StartOptions,
): Promise<Life> {
  const { start } = home.target;
  const { child, line, filled, life } = await launchProcess(start, launch, home, port, environment);
  output.read(child.stdout);
  output.read(child.stderr);
  const { promise: ended, resolve } = Promise.withResolvers<Exit>();
  child.once("error", (error) => {
    output.add(`cannot start "${line}": ${error.message}`);
    resolve({ code: null, signal: null });
  });
  child.once("exit", (code, signal) => {
    const gone = endSurvivors(child, life);
    const over = () => void gone.then(() => resolve({ code, signal }));
    // `close`, not `exit`: only then all of its output has been read.
    child.once("close", over);
    // A grandchild may keep the pipes open for ever; its output does not matter.
    setTimeout(over, 100).unref();
  });
  if (environment["FAKETIME"] !== undefined) void ended.then(() => removeTracesOf(child.pid ?? 0));
  return {
    pid: child.pid ?? null,
    environment: filled,
    ended,
    send(signal) {
      send(child, signal);
      if (signal === "SIGSTOP" || signal === "SIGCONT") {
        for (const pid of carriersOf(lifeVariable, life)) sendTo(pid, signal);
        return stopped(child.pid ?? 0, signal === "SIGSTOP");
      }
    },
  };
}

/**
 * As in a container, no process outlives the first one: a descendant that ignores SIGTERM, or that
 * has its own session, would keep the port and answer for the successor.
 */
async function endSurvivors(child: ChildProcess, life: string): Promise<void> {
  send(child, "SIGKILL");
  const deadline = performance.now() + 2_000;
  for (;;) {
    const left = carriersOf(lifeVariable, life);
    if (left.size === 0 || performance.now() > deadline) return;
    for (const pid of left) sendTo(pid, "SIGKILL");
    await delay(5);
  }
}

/** Signals the whole group. */
function send({ pid }: ChildProcess, signal: Signal): void {
  if (pid !== undefined) sendTo(-pid, signal);
}

function sendTo(pid: number, signal: Signal): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    // It has ended already. macOS reports EPERM if only zombies are left.
    const code = cause instanceof Error && "code" in cause ? cause.code : null;
    if (code !== "ESRCH" && code !== "EPERM") throw cause;
  }
}
