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
const stopTimeoutMs = 8_000; // after 5 s the server itself kills children that do not stop
const pollMs = 4;
const portTries = 20;

/** A server that can be crashed, as a process or in a container. */
export interface DatabaseServer extends AsyncDisposable {
  /** For the superuser and the database "postgres". A restart keeps address and password. */
  readonly url: string;
  /** Sends SIGKILL; resolves once all its processes have ended. */
  crash(): Promise<void>;
  /** Restarts it after a crash, on the same data; resolves once it accepts connections. */
  start(): Promise<void>;
}

/** A local server on loopback, with a password. Dispose removes everything that it created. */
export interface PostgresServer extends DatabaseServer {
  readonly port: number;
  readonly version: string;
  /** The postmaster's pid; null while it is down. */
  readonly pid: number | null;
}

/**
 * Creates a data folder (in memory if that has room) and starts a server on a free port.
 * @throws Error with the server's last error and the way out.
 */
export async function startPostgres(options: {
  scratch: Scratch;
  watchdog: Pick<Watchdog, "adopt" | "environment">;
}): Promise<PostgresServer> {
  const { scratch, watchdog } = options;
  const account = ordinaryAccount();
  const binaries = await locateBinaries({ scratch, account });
  // A folder per server: a scenario that crashes its server has one besides the shared server.
  // The watchdog searches the scratch folder for the traces of a killed server.
  const home = scratch.folder(`postgres-${randomBytes(4).toString("hex")}`, "memory");
  if (account !== null) chownSync(home, account.uid, account.gid);
  const password = randomBytes(12).toString("hex");
  // Without our PG… variables. LC_ALL: we match its messages in English.
  const env = () => ({ ...watchdog.environment, LC_ALL: "C", PATH: process.env.PATH });
  // initdb reads its working folder, and its account may have no access to ours.
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
      // Not in our process group: ctrl-c must not end the server before the harness does.
      detached: true,
    });
    watchdog.adopt(child.pid);
    return follow(child);
  };
  const server = new Server(join(home, "data"), password, binaries.version, launch);
  await server.start();
  return server;
}

/** A running server, its last output, and its end as a promise. */
interface Launched {
  readonly child: ChildProcess;
  readonly output: Output;
  readonly ended: Promise<void>;
}

function follow(child: ChildProcessByStdio<null, null, Readable>): Launched {
  const output = new Output();
  output.read(child.stderr);
  // "close", not "exit": by then the last lines have arrived.
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
  // Plain passwords with one hash iteration: a login takes 3 ms less, and only loopback carries
  // it. Not "trust", with which every user of the machine could log in as the superuser.
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
  // Strings have the same order on every platform.
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  // If the server that initdb starts panics (full disk), it would leave a file in /dev/shm
  // without mmap. --no-clean keeps its postmaster.pid, through which we find its segment.
  const traces = ["-c", "dynamic_shared_memory_type=mmap", "--no-clean"];
  const rest = ["-E", "UTF8", "--no-sync", "--no-instructions"];
  const args = ["-D", data, ...access, ...locale, ...traces, ...rest];
  const { failure, output } = await initdb(args);
  rmSync(secret, { force: true });
  if (failure !== null) {
    removeSharedMemory(data);
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    const lines = [failure, ...output.lastLines];
    throw new Error(`Postgres cannot create its data folder: ${reasonOf(lines, home)}`);
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
    if (this.#running !== null) throw new Error(`Postgres (pid ${this.pid}) is already running`);
    const again = this.port !== 0;
    for (let tries = 1; ; tries++) {
      // Below the kernel's range for outgoing connections, so that none of them takes the port
      // between a crash and the next start.
      if (!again) this.port = randomInt(15_000, 32_000);
      const launched = this.#launch(["-D", this.#data, "-p", String(this.port), ...settings]);
      this.#running = launched;
      void launched.ended.then(() => {
        if (this.#running === launched) this.#running = null; // it ended by itself
      });
      if (await this.#accepts(launched)) return;
      await this.#stop();
      const taken = launched.output.lastLines.some((line) =>
        line.includes("Address already in use"),
      );
      if (taken && !again && tries < portTries) continue;
      throw new Error(`Postgres did not start: ${reasonOf(launched.output.lastLines, this.#data)}`);
    }
  }

  async crash(): Promise<void> {
    const launched = this.#running;
    const postmaster = everyProcess().find(({ pid }) => pid === this.pid);
    if (launched === null || postmaster === undefined) return;
    // Stopped first, so that it cannot start another child before we kill them all.
    signalExactly(postmaster, "SIGSTOP");
    const children = everyProcess().filter(({ parent }) => parent === postmaster.pid);
    for (const one of [postmaster, ...children]) signalExactly(one, "SIGKILL");
    this.#running = null;
    await launched.ended;
    while (children.some(lives)) await delay(pollMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    removeSharedMemory(this.#data); // if the server had crashed
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 });
  }

  /** True once a client has connected; false if the server ended or did not answer in time. */
  async #accepts({ child, ended }: Launched): Promise<boolean> {
    let over = false;
    void ended.then(() => (over = true));
    const accepts = await acceptsConnections(this.url, {
      isOver: () => over,
      withinMs: readyTimeoutMs,
    });
    // Another server on this port would have refused the password.
    return accepts && child.exitCode === null;
  }

  /** After SIGQUIT it ends without saving, and removes its shared memory and lock file. */
  async #stop(): Promise<void> {
    const launched = this.#running;
    if (launched === null) return;
    launched.child.kill("SIGQUIT");
    launched.child.kill("SIGCONT"); // if it was stopped
    const late = delay(stopTimeoutMs, "late", { ref: false });
    if ((await Promise.race([launched.ended, late])) === "late") await this.crash();
    this.#running = null;
  }
}
