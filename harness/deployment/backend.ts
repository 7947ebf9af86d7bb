import type { BuildsOptions } from "./builds.ts";
import type { Launch, Replica } from "./replica.ts";
import type { DatabaseServer } from "../machine/postgres/postgres-server.ts";
import type { Scratch } from "../machine/scratch.ts";
import type { Watchdog } from "../machine/watchdog/watchdog.ts";
import type { Capability } from "../history/capability.ts";
import type { Database } from "../machine/postgres/database.ts";
import type { Target } from "../config/configuration.ts";
import type { Executor, WireAddress } from "../wires/address.ts";
import type { DatabaseWire } from "../wires/database/database-wire.ts";
import type { Watch } from "../wires/database/statement-proxy.ts";

/** A way to run a service: as processes, as containers, or where it is deployed already. */
export interface Backend {
  readonly name: string;
  /** Why it cannot run a target; null: it can. */
  unfit(target: Target): string | null;
  /** Names of the replicas that a deployment of a target can have, at least one. */
  replicas(target: Target): readonly string[];
  /** The capabilities of a target on this backend. */
  capabilities(target: Target): readonly Capability[];
  /** What to configure to gain a capability; null: nothing helps. */
  remedy(target: Target, lacked: Capability): string | null;
  /** Opens a place for one deployment with replicas of these names. */
  open(options: SiteOptions): Promise<Site>;
}

/** The arguments of a backend for one run. */
export interface OpenBackendOptions extends Pick<BuildsOptions, "onBuild"> {
  readonly runId: string;
  /** Folder of the configuration. */
  readonly folder: string;
  readonly scratch: Scratch;
  readonly watchdog: Watchdog;
  /** The targets to run. Their builds and images are created when the backend opens. */
  readonly targets: readonly Target[];
  /** Whether we started the database server, and may crash it. */
  readonly ownDatabase: boolean;
}

/** A backend that is ready to run targets, and that can start database servers for them. */
export interface OpenedBackend extends AsyncDisposable {
  readonly backend: Backend;
  startPostgres(): Promise<DatabaseServer>;
  /** Ends all replicas and starts no more. Called before the database servers stop. */
  stop(): Promise<void>;
}

interface SiteOptions {
  readonly target: Target;
  readonly replicas: readonly string[];
}

/** The place of one deployment on a backend. Disposing ends everything started on it. */
export interface Site extends AsyncDisposable {
  /** The address in front of the replicas. */
  readonly ingress: URL;
  readonly wires: WireAddress;
  /** The parts of a deployed service; absent if we start the replicas, with our wires and data. */
  readonly deployed?: DeployedParts;
  /**
   * The wire of one replica to the database server at `upstream`. `watch` is called for every
   * statement, with the capability "statements".
   */
  databaseWire(upstream: URL, watch?: Watch): Promise<DatabaseWire>;
  replica(launch: Launch): Promise<Replica>;
  /** Runs the target's migration to its end. Throws with its last output if it fails. */
  migrate(launch: Launch): Promise<void>;
}

/** The parts that a deployed service has already, instead of ours. */
export interface DeployedParts {
  /** The ports on which its replicas reach the shared wires; null: they do not. */
  readonly ports: { readonly model: number | null; readonly tools: number | null };
  readonly executorOf: Executor;
  /** For queries only; null: not configured. */
  readonly database: (Pick<Database, "query"> & AsyncDisposable) | null;
  /** Cuts all replicas off their database; disposing heals it. */
  cutDatabase(): Promise<AsyncDisposable>;
}
