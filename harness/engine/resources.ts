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
 * The resources that all scenarios of one run share: the scratch folder, the watchdog, one database
 * server and the backend. Disposing stops everything that was started.
 */
export interface RunResources extends AsyncDisposable {
  /** Shared by all scenarios. */
  readonly cluster: Cluster;
  /** Starts another database server, for a scenario that ends it. */
  openStorage(): Promise<Storage>;
  /** The backend that runs a target. */
  backendOf(target: Target): Backend;
  /** The versions of node, postgres, and the installed packages of the agent. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
}

/** A database server that we started, and its databases. */
interface Storage extends AsyncDisposable {
  readonly server: DatabaseServer;
  readonly cluster: Cluster;
}

export interface ResourceOptions extends Pick<BuildsOptions, "onBuild"> {
  readonly runId: string;
  /** The folder of the configuration. */
  readonly folder: string;
  /** The backend for targets that a command line starts. */
  readonly backend?: BackendName;
  /** The user's database server; null: we start one. */
  readonly databaseUrl: string | null;
  /** The targets that will run: their bundles and images are built while the database starts. */
  readonly targets?: readonly Target[];
  /** Hosts that requests may go to, besides this machine. */
  readonly allow?: readonly string[];
  /** Whether hooks may end or cut off parts of a service. */
  readonly hooksAllowed?: boolean;
  /** Called before anything starts. Disposing of `base` ends everything, also the opening. */
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

  /** @throws Error after disposal, because the opening must not continue. */
  assertOpen(): void {
    if (this.#isGone) throw new Error("the run was stopped before it began");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isGone = true;
    // A watchdog that did not start has already reported its error.
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

/** The versions installed next to the configuration, not the ranges of its package.json. */
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
