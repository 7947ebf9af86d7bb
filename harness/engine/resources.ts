import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { urlBackend } from "../deployment/url/url-backend.ts";
import { backendKind, type BackendName, defaultBackend } from "../deployment/backends.ts";
import type { BuildsOptions } from "../deployment/builds.ts";
import type { Backend } from "../deployment/backend.ts";
import { openCluster, type Cluster } from "../machine/postgres/cluster.ts";
import type { DatabaseServer } from "../machine/postgres/postgres-server.ts";
import { openScratch } from "../machine/scratch.ts";
import type { Target } from "../config/configuration.ts";
import { startWatchdog, type Watchdog } from "../machine/watchdog/watchdog.ts";

/**
 * What all scenarios of one run share: the scratch folder, the watchdog, one database server and
 * the backend. Disposing of it stops all that was started.
 */
export interface RunResources extends AsyncDisposable {
  /** Shared by all scenarios. */
  readonly cluster: Cluster;
  /** Another server, for a scenario that ends it. */
  openStorage(): Promise<Storage>;
  /** What a target is run with. */
  backendOf(target: Target): Backend;
  /** node, postgres, and the agent's packages as installed. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
}

/** A database server of our own, and the databases on it. */
interface Storage extends AsyncDisposable {
  readonly server: DatabaseServer;
  readonly cluster: Cluster;
}

export interface ResourceOptions extends Pick<BuildsOptions, "onBuild"> {
  readonly runId: string;
  /** Folder of the configuration. */
  readonly folder: string;
  /** For targets that are started by a command line. */
  readonly backend?: BackendName;
  /** A server of the user's; null: one of our own. */
  readonly databaseUrl: string | null;
  /** What will be run: bundles and images of these are made while the database starts. */
  readonly targets?: readonly Target[];
  /** Hosts besides this machine that may be spoken with. */
  readonly allow?: readonly string[];
  /** Whether hooks that end or cut off something may be run. */
  readonly hooksAllowed?: boolean;
  /** Called before anything is started. Disposing of `base` ends all that runs and all opening. */
  readonly onOpening?: (base: AsyncDisposable) => void;
}

export async function openResources(options: ResourceOptions): Promise<RunResources> {
  const { runId, folder, databaseUrl, targets = [] } = options;
  await using stack = new AsyncDisposableStack();
  const base = stack.use(new BaseResources(runId));
  options.onOpening?.(base);
  const { scratch } = base;
  const watchdog = await base.watchdog;
  const ownDatabase = databaseUrl === null;
  const { open } = backendKind(options.backend ?? defaultBackend);
  const opened = stack.use(await open({ ...options, scratch, watchdog, targets, ownDatabase }));
  const openStorage = async (): Promise<Storage> => {
    await using own = new AsyncDisposableStack();
    const server = own.use(await opened.startPostgres());
    const cluster = own.use(await openCluster({ url: server.url, runId, ours: true }));
    const kept = own.move();
    return { server, cluster, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  };
  // A deployed target has its own database.
  const stores = targets.length === 0 || targets.some(({ kind }) => kind === "command");
  const shared = !stores
    ? null
    : databaseUrl === null
      ? stack.use(await openStorage()).cluster
      : stack.use(await openCluster({ url: databaseUrl, runId, ours: false }));
  // Registered last, so it runs first: a scenario that still plays cannot start anything after it.
  stack.defer(() => opened.stop());
  const deployed = stack.use(openDeployed(options, scratch.folder("hooks")));
  const commit = await commitOf(folder);
  const postgres = shared === null ? {} : { postgres: shared.version };
  const versions = { node: process.versions.node, ...postgres, ...packagesOf(folder) };
  base.assertOpen();
  const owned = stack.move();
  return {
    get cluster() {
      if (shared !== null) return shared;
      throw new Error("no database server was started: all targets of this run are deployed");
    },
    openStorage,
    backendOf: ({ kind }) => (kind === "url" ? deployed : opened.backend),
    versions,
    commit,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The scratch folder, and the watchdog, which ends everything else. */
class BaseResources implements AsyncDisposable {
  readonly scratch = openScratch();
  readonly watchdog: Promise<Watchdog>;
  #isGone = false;

  constructor(runId: string) {
    this.watchdog = startWatchdog({ runId, scratch: this.scratch });
  }

  /** @throws Error once it is disposed of: opening must not go on. */
  assertOpen(): void {
    if (this.#isGone) throw new Error("the run was over before it began");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isGone = true;
    // A watchdog that did not start has reported that already.
    const watchdog = await this.watchdog.catch(() => null);
    try {
      await watchdog?.[Symbol.asyncDispose]();
    } finally {
      await this.scratch[Symbol.asyncDispose]();
    }
  }
}

function openDeployed(options: ResourceOptions, scratch: string) {
  const { runId, folder, allow = [], hooksAllowed = false } = options;
  return urlBackend({ runId, folder, scratch, allow, hooksAllowed });
}

const packages = [
  "@langchain/langgraph",
  "@langchain/langgraph-checkpoint",
  "@langchain/langgraph-checkpoint-postgres",
  "@langchain/core",
  "@langchain/openai",
  "pg",
];

/** As installed beside the configuration: never what a package.json wishes for. */
function packagesOf(folder: string): Record<string, string> {
  const found = packages.flatMap((name) => {
    try {
      const file = findPackageJSON(name, join(folder, "threadproof.config.ts"));
      if (file === undefined) return [];
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
      return [[name, version] as const];
    } catch {
      return []; // Not installed: the service need not use LangGraph, or JavaScript.
    }
  });
  return Object.fromEntries(found);
}

async function commitOf(folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd: folder });
    return stdout.trim();
  } catch {
    return null; // Not a checkout, or no git: the report says null.
  }
}
