// Each test starts a stand-in for the harness: 0.2 s, or 1 s with a Postgres server.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { openScratch } from "../scratch.ts";
import { startWatchdog } from "./watchdog.ts";
import { carriersOf, everyProcess, livingProcess } from "./process-table.ts";

const isLinux = process.platform === "linux";
const mayDropRights = isLinux && process.getuid?.() === 0 && existsSync("/usr/bin/setpriv");
const started: ChildProcess[] = [];
let runs = 0;

afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

/** The stand-in for the harness prints this once it is ready. */
interface Ready {
  readonly harness: number;
  readonly watchdog: number;
  readonly roots: readonly string[];
  /** All processes that it started, the postmaster included. */
  readonly pids: readonly number[];
  readonly postmaster: number;
}

interface Started extends Ready {
  readonly run: string;
  /** The harness, or the process that started it. */
  readonly top: number;
}

/** Imports the script in $SCRIPT through a data URL. */
const runScript = "await import('data:text/javascript,' + encodeURIComponent(process.env.SCRIPT))";
const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
const sleeper = `"sleep", ["1000"]`;

/** The stand-in for the harness; `body` fills `pids`. */
const script = (run: string, body: string) => `
  import { spawn } from "node:child_process";
  const { openScratch } = await import(${url("../scratch.ts")});
  const { startWatchdog } = await import(${url("./watchdog.ts")});
  const { startPostgres } = await import(${url("../postgres/postgres-server.ts")});
  const scratch = openScratch();
  const watchdog = await startWatchdog({ runId: "${run}", scratch });
  const env = { ...process.env, ...watchdog.environment };
  const pids = []; let server = null;
  ${body}
  const { roots } = scratch;
  const postmaster = server?.pid ?? 0;
  console.log(JSON.stringify({ harness: process.pid, watchdog: watchdog.pid, roots, postmaster,
    pids: [...pids, ...(server ? [server.pid] : [])] }));
  setInterval(() => {}, 1000);`;

const postgres = "server = await startPostgres({ scratch, watchdog });";
const plainChild = `pids.push(spawn(${sleeper}, { env }).pid);`;
const stoppedChild = `{ const child = spawn(${sleeper}, { env });
  pids.push(child.pid); child.kill("SIGSTOP"); }`;
/** The child ends and leaves an orphan in a new session. */
const daemon = `{ const child = spawn("sh", ["-c", "setsid sleep 1000 & echo $!"], { env });
  child.stdout.on("data", (text) => pids.push(Number(text)));
  await new Promise((resolve) => child.on("exit", resolve)); }`;

/** Starts a command that runs the script in $SCRIPT, and waits until the script is ready. */
async function harness(
  body: string,
  command: readonly string[] = [process.execPath, "--input-type=module", "-e", runScript],
): Promise<Started> {
  const run = `w${process.pid}n${++runs}`;
  const [program = "", ...args] = command;
  // Hides the npm that runs these tests, so the watchdog does not watch it.
  const { npm_lifecycle_event: _, ...environment } = process.env;
  const child = spawn(program, args, {
    env: { ...environment, SCRIPT: script(run, body) },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true, // a new process group, as a terminal would create
  });
  started.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { ...(JSON.parse(line) as Ready), run, top: child.pid ?? 0 };
}

/** Waits until the watchdog has ended, then lists everything that the run left. */
async function leftoversOf(ready: Started): Promise<string[]> {
  while (livingProcess(ready.watchdog) !== null) await delay(5);
  const processes = everyProcess().filter(
    ({ pid, parent }) =>
      pid === ready.harness ||
      ready.pids.includes(pid) ||
      (ready.postmaster > 0 && parent === ready.postmaster),
  );
  const shm = isLinux ? readFileSync("/proc/sysvipc/shm", "utf8").trim().split("\n").slice(1) : [];
  const segments = shm.filter((line) => line.trim().split(/\s+/)[4] === String(ready.postmaster));
  return [
    ...processes.map(({ pid, name }) => `process ${pid} ${name}`),
    ...[...carriersOf("THREADPROOF_RUN", ready.run)].map((pid) => `marked ${pid}`),
    ...ready.roots.filter((root) => existsSync(root)),
    ...segments,
  ];
}

describe.concurrent("the watchdog ends everything", { timeout: 120_000 }, () => {
  test("daemons, stopped children and Postgres, when the harness is killed", async () => {
    const ready = await harness(`${postgres} ${plainChild} ${daemon} ${stoppedChild}`);
    expect(ready.pids).toHaveLength(4);
    expect(ready.pids.filter((pid) => livingProcess(pid) === null)).toEqual([]);
    process.kill(ready.harness, "SIGKILL");
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("when the harness is killed while Postgres is stopped", async () => {
    const ready = await harness(`${postgres} process.kill(server.pid, "SIGSTOP");`);
    process.kill(ready.harness, "SIGKILL");
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("when the harness is killed while Postgres is down after a crash", async () => {
    const ready = await harness(`${postgres}
      const crashed = server.pid; await server.crash(); server = { pid: crashed };`);
    process.kill(ready.harness, "SIGKILL");
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("on ctrl-c, which reaches the whole process group", async () => {
    const ready = await harness(`${postgres} ${plainChild} ${daemon}`);
    process.kill(-ready.top, "SIGINT");
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("when the harness forgets to dispose and ends", async () => {
    const ready = await harness(`${daemon} setTimeout(() => process.exit(0), 50);`);
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("when the harness throws", async () => {
    const ready = await harness(
      `${daemon} setTimeout(() => { throw new Error("a bug in the harness"); }, 50);`,
    );
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("an adopted child without the marker, and its children", async () => {
    const ready = await harness(`{
      const child = spawn("sh", ["-c", "sleep 1000 & echo $!; wait"], { env: {} });
      watchdog.adopt(child.pid); pids.push(child.pid);
      await new Promise((resolve) => child.stdout.on("data", (text) => {
        pids.push(Number(text)); resolve(); })); }`);
    process.kill(ready.harness, "SIGKILL");
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test.runIf(mayDropRights)(
    "even if root cannot read environments, as in a container",
    async () => {
      const command = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"];
      command.push(process.execPath, "--input-type=module", "-e", runScript);
      const ready = await harness(`${postgres} ${plainChild}`, command);
      process.kill(ready.harness, "SIGKILL");
      expect(await leftoversOf(ready)).toEqual([]);
    },
  );
});

describe.concurrent("below npm the watchdog ends everything", { timeout: 120_000 }, () => {
  /** npm starts a shell with npm_lifecycle_event, and the shell starts the harness. */
  const npm = `const { spawn } = require("node:child_process");
    const env = { ...process.env, npm_lifecycle_event: "scenarios" };
    spawn("sh", ["-c", '"$0" --input-type=module -e "$SCRIPT"; true', process.execPath],
      { env, stdio: "inherit" });`;
  const belowNpm = (body: string) => harness(body, [process.execPath, "-e", npm]);

  test("when npm is killed and the harness ends on SIGTERM", async () => {
    const ready = await belowNpm(`${postgres} ${plainChild}`);
    process.kill(ready.top, "SIGKILL");
    expect(await leftoversOf(ready)).toEqual([]);
  });

  test("when npm is killed and the harness ignores SIGTERM", async () => {
    const ready = await belowNpm(`${plainChild} process.on("SIGTERM", () => {});`);
    process.kill(ready.top, "SIGKILL");
    expect(await leftoversOf(ready)).toEqual([]);
  });
});

describe("the watchdog", { timeout: 120_000 }, () => {
  test("finds nothing after a clean run, removes the scratch folder, and ends", async () => {
    const scratch = openScratch();
    const watchdog = await startWatchdog({ runId: `w${process.pid}sound`, scratch });
    const child = spawn("sleep", ["1000"], { env: { ...process.env, ...watchdog.environment } });
    child.kill("SIGKILL");
    await once(child, "exit");
    await watchdog[Symbol.asyncDispose]();
    expect(watchdog.leftovers).toEqual([]);
    expect(scratch.roots.filter((root) => existsSync(root))).toEqual([]);
    expect(livingProcess(watchdog.pid)).toBeNull();
  });

  test("ends and names a process that the run forgot", async () => {
    await using scratch = openScratch();
    const watchdog = await startWatchdog({ runId: `w${process.pid}forgot`, scratch });
    const child = spawn("sleep", ["1000"], { env: { ...process.env, ...watchdog.environment } });
    started.push(child);
    await once(child, "spawn");
    const ended = once(child, "exit");
    await watchdog[Symbol.asyncDispose]();
    await ended;
    expect(watchdog.leftovers).toEqual([`${child.pid} sleep`]);
  });

  test("makes dispose fail if it was killed before the run ended", async () => {
    await using scratch = openScratch();
    const watchdog = await startWatchdog({ runId: `w${process.pid}killed`, scratch });
    process.kill(watchdog.pid, "SIGKILL");
    await expect(async () => watchdog[Symbol.asyncDispose]()).rejects.toThrow(
      /ended before the run, so leftovers were not removed/,
    );
  });

  test.runIf(isLinux)("has no marker, terminal or port, and leads its own session", async () => {
    const scratch = openScratch();
    await using watchdog = await startWatchdog({ runId: `w${process.pid}quiet`, scratch });
    expect(carriersOf("THREADPROOF_RUN", null).has(watchdog.pid)).toBe(false);
    expect(livingProcess(watchdog.pid)).toMatchObject({ session: watchdog.pid });
    const folder = `/proc/${watchdog.pid}/fd`;
    const open = readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
    expect(open.filter((it) => /tty|pts/.test(it))).toEqual([]);
    const listening = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .flatMap((line) => {
        const [, , , state, , , , , , inode] = line.trim().split(/\s+/);
        return state === "0A" ? [`socket:[${inode}]`] : [];
      });
    expect(open.filter((it) => listening.includes(it))).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ignores %s", async (signal) => {
    const scratch = openScratch();
    const watchdog = await startWatchdog({ runId: `w${process.pid}${signal}`, scratch });
    process.kill(watchdog.pid, signal);
    await watchdog[Symbol.asyncDispose]();
    expect(watchdog.leftovers).toEqual([]);
  });
});
