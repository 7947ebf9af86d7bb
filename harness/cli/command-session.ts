import type { BackendName } from "../deployment/backends.ts";
import { openResources, type RunResources } from "../engine/resources.ts";
import type { Target } from "../config/configuration.ts";
import { interruptible } from "./interrupt.ts";
import type { LoadedConfig } from "./load-config.ts";
import { permission } from "./permission.ts";

interface SessionFlags {
  readonly backend?: BackendName;
  readonly databaseUrl?: string;
  readonly testDatabase?: boolean;
  readonly allowHooks?: boolean;
  readonly json?: boolean;
}

interface SessionOptions {
  readonly loaded: LoadedConfig;
  /** What will be run. */
  readonly targets: readonly Target[];
  /** Targets whose hooks may end something, by name: the user is asked. */
  readonly confirm: ReadonlyMap<string, Target>;
}

/** One command that starts replicas. */
export interface Session {
  /** Of the folder of its reports, and of everything that it starts. */
  readonly runId: string;
  /** For people. With --json that is standard error: standard output has the report alone. */
  readonly stream: NodeJS.WriteStream;
  readonly color: boolean;
  /**
   * Opens the resources for `work` and disposes of them after it. On ctrl-c `keep` saves what there
   * is so far, and the process ends.
   */
  withResources<T>(
    work: (resources: RunResources, over: AbortSignal) => Promise<T>,
    keep?: () => Promise<void>,
  ): Promise<T>;
}

/** @throws UserError if the user's database server is not marked as one for tests. */
export async function openSession(
  flags: SessionFlags,
  { loaded, targets, confirm }: SessionOptions,
): Promise<Session> {
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

/** Whether a stream shows colours: on a terminal, unless NO_COLOR is set. */
export function colorOn(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env.NO_COLOR;
}
