import type { Launch, Replica } from "./replica.ts";
import type { Capability } from "../history/capability.ts";
import type { Database } from "../machine/postgres/database.ts";
import type { Target } from "../config/configuration.ts";
import type { Executor, WireAddress } from "../wires/address.ts";
import type { DatabaseWire } from "../wires/database/database-wire.ts";
import type { Watch } from "../wires/database/statement-proxy.ts";

/** A way to run a target. */
export interface Backend {
  readonly name: string;
  /** Why it cannot run a target at all; null: it can. */
  unfit(target: Target): string | null;
  /** Names of the replicas that a deployment of a target can have, at least one. */
  replicas(target: Target): readonly string[];
  /** Which of a target's capabilities it keeps. */
  capabilities(target: Target): readonly Capability[];
  /** What to give so that a capability would be there; null: nobody knows. */
  remedy(target: Target, lacked: Capability): string | null;
  /** A place for one deployment with replicas of these names. */
  open(options: SiteOptions): Promise<Site>;
}

interface SiteOptions {
  readonly target: Target;
  readonly replicas: readonly string[];
}

/** Where one deployment stands: what a backend gives it. Dispose ends what was started on it. */
export interface Site extends AsyncDisposable {
  /** In front of the replicas. */
  readonly ingress: URL;
  readonly wires: WireAddress;
  /** What was there before us; absent where we start the replicas, on wires and data of ours. */
  readonly deployed?: DeployedParts;
  /**
   * The wire of one replica to the database server at `upstream`. `watch` is told of every
   * statement, with the capability "statements".
   */
  databaseWire(upstream: URL, watch?: Watch): Promise<DatabaseWire>;
  replica(launch: Launch): Promise<Replica>;
  /** Runs the target's migration to its end. Throws with its last words where it fails. */
  migrate(launch: Launch): Promise<void>;
}

/** What a target that is deployed already has, and that replaces ours. */
export interface DeployedParts {
  /** On which its replicas reach the wires that they share; null: they do not. */
  readonly ports: { readonly model: number | null; readonly tools: number | null };
  readonly executorOf: Executor;
  /** To be looked at, and nothing else; null: nobody may. */
  readonly database: (Pick<Database, "query"> & AsyncDisposable) | null;
  /** Cuts all replicas off their database; healed by disposing of what comes back. */
  cutDatabase(): Promise<AsyncDisposable>;
}
