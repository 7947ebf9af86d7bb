import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DockerBackend, DockerBackendOptions } from "../deployment/docker/docker-backend.ts";
import { processBackend } from "../deployment/process/process-backend.ts";
import { urlBackend } from "../deployment/url/url-backend.ts";
import { Builds, type BuildsOptions } from "../deployment/builds.ts";
import { Bundles } from "../machine/bundle.ts";
import type { Backend } from "../deployment/backend.ts";
import { openCluster, type Cluster } from "../machine/postgres/cluster.ts";
import { type DatabaseServer, startPostgres } from "../machine/postgres/postgres-server.ts";
import { openScratch } from "../machine/scratch.ts";
import type { Target } from "../config/configuration.ts";
import { startWatchdog, type Watchdog } from "../machine/watchdog/watchdog.ts";

/**
 * What all scenarios of one run stand on: the scratch folder, the watchdog, one database server and
 * the backend. Whatever is started is stopped with it.
 */
export interface RunResources extends AsyncDisposable {
  /** Shared by all scenarios. */
  readonly cluster: Cluster;
  /** A server of one's own, for a scenario that ends it. */
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
  readonly backend?: "process" | "docker";
  /** A server of the user's; null: one of our own. */
  readonly databaseUrl: string | null;
  /** What will be run: bundles and images of these are made while the database starts. */
  readonly targets?: readonly Target[];
  /** Hosts besides this machine that may be spoken with. */
  readonly allow?: readonly string[];
  /** Whether hooks that end or cut off something may be run. */
  readonly hooksAllowed?: boolean;
  /**
   * Told, before anything is started, of what gives back a ground that is still being laid: all
   * that runs is ended, and nothing can be started after.
   */
  readonly onOpening?: (base: AsyncDisposable) => void;
}

export async function openResources(options: ResourceOptions): Promise<RunResources> {
  const { runId, folder, databaseUrl, targets = [] } = options;
  await using stack = new AsyncDisposableStack();
  const base = stack.use(new BaseResources(runId));
  options.onOpening?.(base);
  const { scratch } = base;
  const watchdog = await base.watchdog;
  const bundles = new Bundles(folder, scratch.folder("bundles"));
  const builds = new Builds({ ...options, watchdog, scratch: scratch.folder("builds") });
  if (options.backend !== "docker") await prepare(targets, builds, bundles);
  const ownDatabase = databaseUrl === null;
  const docker =
    options.backend === "docker"
      ? stack.use(await openDocker({ runId, watchdog, folder, targets, ownDatabase }))
      : null;
  const openStorage = async (): Promise<Storage> => {
    await using own = new AsyncDisposableStack();
    const server = own.use(
      await (docker === null ? startPostgres({ scratch, watchdog }) : docker.startPostgres()),
    );
    const cluster = own.use(await openCluster({ url: server.url, runId, ours: true }));
    const kept = own.move();
    return { server, cluster, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  };
  // Who is deployed already has a database of its own.
  const stores = targets.length === 0 || targets.some(({ kind }) => kind === "command");
  const shared = !stores
    ? null
    : databaseUrl === null
      ? stack.use(await openStorage()).cluster
      : stack.use(await openCluster({ url: databaseUrl, runId, ours: false }));
  // The last of all, so the first to go: after it nothing is started, whoever still plays.
  const backend =
    docker ??
    stack.use(
      processBackend({
        watchdog,
        folder,
        ownDatabase,
        scratch: scratch.folder("target"),
        build: (target) => builds.of(target),
        commandLine: (line) => bundles.fill(line),
      }),
    );
  const deployed = stack.use(openDeployed(options, scratch.folder("hooks")));
  const commit = await commitOf(folder);
  const postgres = shared === null ? {} : { postgres: shared.version };
  const versions = { node: process.versions.node, ...postgres, ...packagesOf(folder) };
  base.assertStands();
  const owned = stack.move();
  return {
    get cluster() {
      if (shared !== null) return shared;
      throw new Error("no database server was started: all targets of this run are deployed");
    },
    openStorage,
    backendOf: ({ kind }) => (kind === "url" ? deployed : backend),
    versions,
    commit,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What everything else is written into, and what ends everything else. */
class BaseResources implements AsyncDisposable {
  readonly scratch = openScratch();
  readonly watchdog: Promise<Watchdog>;
  #isGone = false;

  constructor(runId: string) {
    this.watchdog = startWatchdog({ runId, scratch: this.scratch });
  }

  /** @throws Error once it was given back: what failed to notice must not go on. */
  assertStands(): void {
    if (this.#isGone) throw new Error("the run was over before it began");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isGone = true;
    // One that did not start has said so already.
    const watchdog = await this.watchdog.catch(() => null);
    try {
      await watchdog?.[Symbol.asyncDispose]();
    } finally {
      await this.scratch[Symbol.asyncDispose]();
    }
  }
}

/** Builds what targets have to have built, and begins the bundles that they name. */
async function prepare(
  targets: readonly Target[],
  builds: Builds,
  bundles: Bundles,
): Promise<void> {
  const started = targets.filter((it) => it.kind === "command");
  // One after the other: each takes the whole machine.
  for (const target of started) await builds.of(target);
  const lines = started.flatMap((it) => [it.migrate ?? "", it.start]);
  // One that cannot be made says so again where it is needed.
  for (const line of lines) bundles.fill(line).catch(() => {});
}

function openDeployed(options: ResourceOptions, scratch: string) {
  const { runId, folder, allow = [], hooksAllowed = false } = options;
  return urlBackend({ runId, folder, scratch, allow, hooksAllowed });
}

/** Loaded only where it is wanted: its libraries take a third of a second. */
async function openDocker(options: DockerBackendOptions): Promise<DockerBackend> {
  const backend = await import("../deployment/docker/docker-backend.ts");
  return backend.openDocker(options);
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
      return []; // Not installed there: a service need not be of LangGraph, nor of JavaScript.
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
