import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessByStdio } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { chownSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type CommandEnd, runCommand } from "../command.ts";
import { Output } from "../output.ts";
import type { Scratch } from "../scratch.ts";
import type { Watchdog } from "../watchdog/watchdog.ts";
import { everyProcess, lives, signalExactly } from "../watchdog/process-table.ts";
import { acceptsConnections } from "./accepts.ts";
import { type Account, ordinaryAccount } from "./account.ts";
import { locateBinaries } from "./binaries.ts";
import { reasonOf } from "./reason.ts";
import { settings } from "./settings.ts";
import { removeSharedMemory } from "../shared-memory.ts";

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 8_000; // the server itself kills what ignores it after 5 s
const pollMs = 4;
const portTries = 20;

/** A server that may be ended, whatever it runs in. */
export interface DatabaseServer extends AsyncDisposable {
  /** Of the superuser, to the database "postgres". Address and password stay over a crash. */
  readonly url: string;
  /** SIGKILL; resolves once no process of it lives. */
  crash(): Promise<void>;
  /** Again after a crash, on the same data; resolves once it accepts connections. */
  start(): Promise<void>;
}

/** A server of our own: loopback only, with a password, gone without a trace on dispose. */
export interface PostgresServer extends DatabaseServer {
  readonly port: number;
  readonly version: string;
  /** Of the postmaster; null while it is down. */
  readonly pid: number | null;
}

/**
 * Makes a data folder (in memory where there is room) and starts a server on a free port.
 * @throws Error in one sentence, with the server's last line and what to do.
 */
export async function startPostgres(options: {
  scratch: Scratch;
  watchdog: Pick<Watchdog, "adopt" | "environment">;
}): Promise<PostgresServer> {
  const { scratch, watchdog } = options;
  const account = ordinaryAccount();
  const binaries = await locateBinaries({ scratch, account });
  // One of its own: a scenario that ends its server has one beside that of all others. Where it is
  // the watchdog looks for the traces of a server that was killed.
  const home = scratch.folder(`postgres-${randomBytes(4).toString("hex")}`, "memory");
  if (account !== null) chownSync(home, account.uid, account.gid);
  const password = randomBytes(12).toString("hex");
  // None of our PG… variables; only what its own messages depend on.
  const env = () => ({ ...watchdog.environment, LC_ALL: "C", PATH: process.env.PATH });
  // initdb reads the folder it is in, and ours may be closed to its account.
  const place = { cwd: home, account, onStart: watchdog.adopt };
  await initialise(home, password, account, (args) =>
    runCommand({
      ...place,
      file: binaries.initdb,
      args,
      env: env(),
      scratch: scratch.path,
      keeps: "stderr",
    }),
  );
  const launch = (args: readonly string[]): Launched => {
    const child = spawn(binaries.postgres, args, {
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
      cwd: home,
      env: env(),
      stdio: ["ignore", "ignore", "pipe"],
      // ctrl-c goes to the whole process group: the harness decides when the server ends.
      detached: true,
    });
    watchdog.adopt(child.pid);
    return follow(child);
  };
  const server = new Server(join(home, "data"), password, binaries.version, launch);
  await server.start();
  return server;
}

/** A running server, what it printed last, and its end as a promise. */
interface Launched {
  readonly child: ChildProcess;
  readonly output: Output;
  readonly ended: Promise<void>;
}

function follow(child: ChildProcessByStdio<null, null, Readable>): Launched {
  const output = new Output();
  output.read(child.stderr);
  // "close" and not "exit": by then the last lines have arrived.
  const ended = once(child, "close").then(
    () => {},
    (error: Error) => output.add(error.message),
  );
  return { child, output, ended };
}

async function initialise(
  home: string,
  password: string,
  account: Account | null,
  initdb: (args: readonly string[]) => Promise<CommandEnd>,
): Promise<void> {
  const secret = join(home, "password");
  writeFileSync(secret, password, { mode: 0o600 });
  if (account !== null) chownSync(secret, account.uid, account.gid);
  const data = join(home, "data");
  // Plain passwords, hashed once: the wire is our own, and a login costs 3 ms less. Not "trust":
  // on loopback every user of the machine could reach a superuser.
  const access = [
    "-U",
    "postgres",
    "-A",
    "password",
    "--pwfile",
    secret,
    "-c",
    "scram_iterations=1",
  ];
  // The same order of strings on every platform.
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  // mmap here too, and --no-clean: a server that initdb started and that panics (full disk) leaves
  // a file in /dev/shm otherwise, and its segment is only found through its postmaster.pid.
  const traces = ["-c", "dynamic_shared_memory_type=mmap", "--no-clean"];
  const rest = ["-E", "UTF8", "--no-sync", "--no-instructions"];
  const args = ["-D", data, ...access, ...locale, ...traces, ...rest];
  const { failure, output } = await initdb(args);
  rmSync(secret, { force: true });
  if (failure !== null) {
    removeSharedMemory(data);
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    const lines = [failure, ...output.lastLines];
    throw new Error(`Postgres cannot make its data folder: ${reasonOf(lines, home)}`);
  }
}

class Server implements PostgresServer {
  readonly version: string;
  port = 0;
  readonly #data: string;
  readonly #password: string;
  readonly #launch: (args: readonly string[]) => Launched;
  #running: Launched | null = null;

  constructor(
    data: string,
    password: string,
    version: string,
    launch: (args: readonly string[]) => Launched,
  ) {
    this.#data = data;
    this.#password = password;
    this.version = version;
    this.#launch = launch;
  }

  get url(): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.port}/postgres`;
  }

  get pid(): number | null {
    return this.#running?.child.pid ?? null;
  }

  async start(): Promise<void> {
    if (this.#running !== null) throw new Error(`Postgres (pid ${this.pid}) runs already`);
    const again = this.port !== 0;
    for (let tries = 1; ; tries++) {
      // Below the range that the kernel takes ports from for outgoing connections: so nobody
      // takes it by accident between a crash and the next start.
      if (!again) this.port = randomInt(15_000, 32_000);
      const launched = this.#launch(["-D", this.#data, "-p", String(this.port), ...settings]);
      this.#running = launched;
      void launched.ended.then(() => {
        if (this.#running === launched) this.#running = null; // somebody else ended it
      });
      if (await this.#accepts(launched)) return;
      await this.#stop();
      const taken = launched.output.lastLines.some((line) =>
        line.includes("Address already in use"),
      );
      if (taken && !again && tries < portTries) continue;
      throw new Error(
        `Postgres does not start: ${reasonOf(launched.output.lastLines, this.#data)}`,
      );
    }
  }

  async crash(): Promise<void> {
    const launched = this.#running;
    const postmaster = everyProcess().find(({ pid }) => pid === this.pid);
    if (launched === null || postmaster === undefined) return;
    // Stopped first, so that it starts no other child between the look and the kill.
    signalExactly(postmaster, "SIGSTOP");
    const children = everyProcess().filter(({ parent }) => parent === postmaster.pid);
    for (const one of [postmaster, ...children]) signalExactly(one, "SIGKILL");
    this.#running = null;
    await launched.ended;
    while (children.some(lives)) await delay(pollMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    removeSharedMemory(this.#data); // of a server that had crashed
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 });
  }

  /** True once a client got in; false when the process ended, or did not answer in time. */
  async #accepts({ child, ended }: Launched): Promise<boolean> {
    let over = false;
    void ended.then(() => (over = true));
    const accepts = await acceptsConnections(this.url, {
      isOver: () => over,
      withinMs: readyTimeoutMs,
    });
    // Somebody else's server on this port would have refused the password.
    return accepts && child.exitCode === null;
  }

  /** SIGQUIT: it ends without saving, and leaves no shared memory and no lock file. */
  async #stop(): Promise<void> {
    const launched = this.#running;
    if (launched === null) return;
    launched.child.kill("SIGQUIT");
    launched.child.kill("SIGCONT"); // in case that it was stopped
    const late = delay(stopTimeoutMs, "late", { ref: false });
    if ((await Promise.race([launched.ended, late])) === "late") await this.crash();
    this.#running = null;
  }
}
