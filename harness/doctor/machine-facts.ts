import { execFile } from "node:child_process";
import { statfsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { promisify } from "node:util";
import {
  type DockerEngine,
  dockerEngine,
  images,
  type NoDockerEngine,
  reaperImage,
} from "../machine/docker/engine.ts";
import { libfaketime } from "../deployment/clock.ts";
import { freePort } from "../machine/port.ts";
import { ordinaryAccount } from "../machine/postgres/account.ts";
import { locateBinaries } from "../machine/postgres/binaries.ts";
import { memoryFolder, openScratch, type Scratch } from "../machine/scratch.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** A fact, or the reason why it is missing, with the remedy. */
type Found<T> = (T & { readonly ok: true }) | { readonly ok: false; readonly why: string };

/** Measured facts about this computer. */
export interface Machine {
  readonly node: string;
  readonly cores: number;
  /** "2.39.5"; null: git is not installed. */
  readonly git: string | null;
  /** Path of the library that sets the clock of any process; null: not installed. */
  readonly libfaketime: string | null;
  readonly postgres: Found<{ readonly version: string; readonly account: string | null }>;
  /** A free port of 127.0.0.1. */
  readonly port: Found<{ readonly port: number }>;
  readonly temporary: Found<Room>;
  /** The memory file system; null: the system has none. */
  readonly memory: Room | null;
  readonly docker: Docker | NoDockerEngine;
}

export interface Room {
  readonly folder: string;
  readonly freeBytes: number;
}

export interface Docker extends Omit<DockerEngine, "place"> {
  readonly images: readonly Image[];
  readonly reaper: Image & { readonly disabled: boolean };
}

interface Image {
  readonly name: string;
  readonly place: "here" | "registry" | "nowhere";
}

/** Measures this machine. Pulls nothing, and removes everything that it starts or creates. */
export async function measureMachine(environment: Variables = process.env): Promise<Machine> {
  await using stack = new AsyncDisposableStack();
  const scratch = await found(() => ({ scratch: stack.use(openScratch()) }));
  const [postgres, port, git, docker] = await Promise.all([
    found(() => postgresOf(scratch)),
    found(async () => ({ port: await freePort() })),
    gitVersion(),
    dockerOf(environment),
  ]);
  return {
    node: process.versions.node,
    cores: availableParallelism(),
    git,
    libfaketime: libfaketime(),
    postgres,
    port,
    temporary: scratch.ok ? { ok: true, ...roomOf(tmpdir()) } : scratch,
    memory: await found(() => roomOf(memoryFolder)).then((room) => (room.ok ? room : null)),
    docker,
  };
}

async function found<T extends object>(read: () => T | Promise<T>): Promise<Found<T>> {
  try {
    return { ...(await read()), ok: true };
  } catch (cause) {
    return { ok: false, why: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Fails for a missing temporary folder only if Postgres needs a folder. */
async function postgresOf(scratch: Found<{ readonly scratch: Scratch }>) {
  const account = ordinaryAccount();
  const folder = (name: string): string => {
    if (scratch.ok) return scratch.scratch.folder(name);
    throw new Error(scratch.why);
  };
  const { version } = await locateBinaries({ scratch: { folder }, account });
  return { version, account: account?.name ?? null };
}

function roomOf(folder: string): Room {
  const { bavail, bsize } = statfsSync(folder);
  return { folder, freeBytes: bavail * bsize };
}

async function gitVersion(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["--version"], { timeout: 5_000 });
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim();
  } catch {
    return null;
  }
}

async function dockerOf(environment: Variables): Promise<Docker | NoDockerEngine> {
  const engine = await dockerEngine(environment);
  if (!engine.ok) return engine;
  const { place, ...self } = engine;
  const imageOf = async (name: string): Promise<Image> => ({ name, place: await place(name) });
  const [reaper, ...others] = await Promise.all([
    imageOf(reaperImage(environment)),
    ...Object.values(images).map(imageOf),
  ]);
  const disabled = environment["TESTCONTAINERS_RYUK_DISABLED"] === "true";
  return { ...self, images: others, reaper: { ...reaper, disabled } };
}
