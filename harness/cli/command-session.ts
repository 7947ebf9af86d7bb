import type { BackendName } from "../deployment/backends.ts";
import { openResources, type RunResources } from "../engine/resources.ts";
import type { Target } from "../config/configuration.ts";
import { interruptible } from "./interrupt.ts";
import type { LoadedConfig } from "./load-config.ts";
import { permission } from "./permission.ts";

interface CommandSessionFlags {
  readonly backend?: BackendName;
  readonly databaseUrl?: string;
  readonly testDatabase?: boolean;
  readonly allowHooks?: boolean;
  readonly json?: boolean;
}

interface CommandSessionOptions {
  readonly loaded: LoadedConfig;
  /** The targets whose replicas will be started. */
  readonly targets: readonly Target[];
  /** Targets by name. The user confirms their hooks that kill or disconnect something. */
  readonly confirm: ReadonlyMap<string, Target>;
}

/** One command that starts replicas. */
export interface CommandSession {
  /** Part of the name of the reports folder and of every resource that the command starts. */
  readonly runId: string;
  /** For text. With --json it is standard error, because standard output contains only JSON. */
  readonly stream: NodeJS.WriteStream;
  readonly color: boolean;
  /**
   * Opens the resources for `work` and disposes of them after it. On ctrl-c, `keep` saves the
   * results so far and the process ends.
   */
  withResources<T>(
    work: (resources: RunResources, over: AbortSignal) => Promise<T>,
    keep?: () => Promise<void>,
  ): Promise<T>;
}

/** @throws UserError if --database-url is given without --test-database. */
export async function openCommandSession(
  flags: CommandSessionFlags,
  { loaded, targets, confirm }: CommandSessionOptions,
): Promise<CommandSession> {
  const { folder, configuration, hidden: secrets } = loaded;
  const { allow } = configuration;
  const permitted = await permission(flags, { targets: confirm, allow, secrets });
  const runId = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  const stream = flags.json === true ? process.stderr : process.stdout;
  const options = {
    ...{ runId, folder, targets, ...permitted, databaseUrl: flags.databaseUrl ?? null },
    ...(flags.backend === undefined ? {} : { backend: flags.backend }),
    onBuild: (command: string): void => void stream.write(`building: ${command} …\n`),
  };
  return {
    ...{ runId, stream, color: colorOn(stream) },
    withResources: async (work, keep) =>
      interruptible(async (disposeOnInterrupt) => {
        const over = new AbortController();
        await using resources = await openResources({ ...options, onOpening: disposeOnInterrupt });
        disposeOnInterrupt({
          [Symbol.asyncDispose]() {
            over.abort(new Error("interrupted"));
            return resources[Symbol.asyncDispose]();
          },
        });
        return await work(resources, over.signal);
      }, keep),
  };
}

/** Whether to write colours to a stream: only on a terminal, unless NO_COLOR is set. */
export function colorOn(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env.NO_COLOR;
}
