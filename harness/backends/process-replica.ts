import type { ChildProcess } from "node:child_process";
import type { Environment, Launch, Signal } from "../deployment.ts";
import { methodAndPath } from "../target/request.ts";
import { type Home, launchProcess } from "./launch.ts";
import type { Output } from "./output.ts";
import { probe } from "./probe.ts";
import { type Exit, type Life, SupervisedReplica } from "./replica.ts";
import { stopped } from "./stopped.ts";

/** A replica as a child process, on a port of its own that it keeps. */
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
      look: (timeoutMs) => probe(new URL(path, url), method, timeoutMs),
    });
    this.url = url;
  }
}

interface Birth {
  readonly port: number;
  readonly environment: Environment;
  readonly output: Output;
}

async function begin(
  launch: Launch,
  home: Home,
  { port, environment, output }: Birth,
): Promise<Life> {
  const { start } = home.target;
  const { child, line, filled } = await launchProcess(start, launch, home, port, environment);
  output.read(child.stdout);
  output.read(child.stderr);
  const { promise: ended, resolve } = Promise.withResolvers<Exit>();
  child.once("error", (error) => {
    output.add(`cannot start "${line}": ${error.message}`);
    resolve({ code: null, signal: null });
  });
  child.once("exit", (code, signal) => {
    // As in a container, nobody outlives the first process: a child that does not obey SIGTERM
    // would keep the port, and answer for the successor.
    send(child, "SIGKILL");
    // `close`, not `exit`: only then everything that it printed has been read.
    child.once("close", () => resolve({ code, signal }));
    // A child of the child may keep the pipes open for ever; what it prints is of no interest.
    setTimeout(() => resolve({ code, signal }), 100).unref();
  });
  return {
    pid: child.pid ?? null,
    environment: filled,
    ended,
    send(signal) {
      send(child, signal);
      if (signal === "SIGSTOP" || signal === "SIGCONT") {
        return stopped(child.pid ?? 0, signal === "SIGSTOP");
      }
    },
  };
}

/** To the whole group. */
function send({ pid }: ChildProcess, signal: Signal): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (cause) {
    // It ended in between: that is what was wanted. macOS says EPERM where only zombies are left.
    const code = cause instanceof Error && "code" in cause ? cause.code : null;
    if (code !== "ESRCH" && code !== "EPERM") throw cause;
  }
}
